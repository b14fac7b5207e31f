//! The suite can fail: each faulty client is caught by the case for its fault.

#![expect(clippy::unwrap_used, reason = "tests may panic")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each fault is used in one place only"
)]
#![expect(unreachable_pub, reason = "a module of tests has no public")]

mod support;

use std::panic::catch_unwind;

use reauth_conformance::{
    Abandoned, BinaryHeaders, BrokenHeads, BrokenReuse, ContentType, EarlyRefusal, ExpectContinue,
    Heads, Hostless, TokenCallVersion, TokenCalls, Unprocessed, UploadTrailers, cases, check,
    http2_cases,
};
use support::{Fault, With};

reauth_conformance::suite!(a_wrapper_without_a_fault_passes, With::fault(Fault::None));
reauth_conformance::http2_suite!(
    a_wrapper_without_a_fault_passes_over_http2,
    With::fault(Fault::None)
);

/// Each line is a test: a client with this fault, a case, and the violation that it finds.
macro_rules! caught {
    ($name:ident, $cases:ident: $($test:ident: $fault:ident, $case:ident, $seen:literal;)*) => {
        mod $name {
            use super::*;
            $(
                #[test]
                fn $test() {
                    let seen = check(&With::fault(Fault::$fault), $cases::$case);
                    let seen = seen.expect_err("the case finds the fault").to_string();
                    assert!(seen.contains($seen), "{seen}");
                }
            )*
        }
    };
}

caught! { the_suite_catches, cases:
    a_method_that_is_changed: KnowsOneMethod,
        a_method_and_a_target_arrive_as_they_are, "expected \"GET\", got \"POST\"";
    a_query_that_is_dropped: DropsTheQuery,
        a_method_and_a_target_arrive_as_they_are, "the target";
    a_repeated_header_that_is_dropped: DropsRepeatedHeaders,
        a_repeated_request_header_arrives_repeated_and_in_order, "got [\"first\"]";
    response_headers_that_are_joined: JoinsResponseHeaders,
        a_repeated_response_header_is_there_repeated_and_in_order, "the values";
    a_binary_header_that_is_dropped: DropsBinaryHeaders,
        a_binary_header_value_arrives_byte_for_byte, "the request's";
    an_empty_header_that_is_dropped: DropsEmptyHeaders,
        an_empty_header_value_arrives_empty, "the request's";
    a_header_that_is_added: AddsAHeader,
        no_header_is_added_but_those_declared, "x-client";
    a_content_type_that_is_invented: InventsAContentType,
        no_content_type_is_invented, "x-www-form-urlencoded";
    a_body_that_is_invented: FillsEmptyBodies,
        an_empty_body_sends_no_byte, "the body's length";
    bytes_that_are_cut: CutsBodies,
        bytes_arrive_with_their_length, "the framing";
    many_bytes_that_are_cut: CutsBodies,
        twenty_megabytes_arrive_with_their_length, "the framing";
    strange_bytes_that_are_cut: CutsBodies,
        bytes_that_look_like_framing_are_bytes, "bytes, got";
    a_stream_that_is_cut: CutsBodies,
        a_stream_of_twenty_megabytes_arrives_whole, "bytes, got";
    a_stream_that_is_collected: CollectsStreams,
        a_stream_of_unknown_length_goes_in_chunks, "expected Chunked, got Length";
    trailers_that_are_dropped: CollectsStreams,
        trailers_of_an_upload_arrive_or_are_dropped_as_declared, "got []";
    a_length_that_is_forgotten: ForgetsLengths,
        a_stream_of_known_length_announces_it, "got Chunked";
    a_stream_that_fails_unnoticed: SwallowsStreamErrors,
        a_stream_that_fails_is_no_whole_request, ", got a 200";
    a_refusal_that_is_lost: FailsOnRefusals,
        a_401_in_the_middle_of_an_upload_is_seen_or_an_error_as_declared, "unexpected error";
    a_reset_that_is_called_otherwise: Lies,
        a_reset_in_the_middle_of_an_upload_is_no_hang, "expected";
    a_body_of_a_head: AddsToResponses,
        an_answer_to_head_has_no_body_and_frees_its_connection, "expected 0, got 1";
    a_body_of_a_204: AddsToResponses,
        a_204_has_no_body_and_frees_its_connection, "expected 0, got 1";
    a_body_of_a_304: AddsToResponses,
        a_304_has_no_body_and_frees_its_connection, "expected 0, got 1";
    connections_that_are_used_once: ConnectsAnew,
        a_204_has_no_body_and_frees_its_connection, "50 connections";
    a_refusal_that_costs_its_connection: ConnectsAnew,
        promise_21_a_drained_connection_serves_the_replay, "the numbers of their connections";
    extensions_that_are_lost: ForgetsExtensions,
        the_extensions_of_a_response_keep_what_is_put_there, "got None";
    a_response_that_is_held_back: BuffersResponses,
        the_first_piece_comes_before_the_last_is_sent, "unexpected error";
    a_download_that_is_changed: AddsToResponses,
        twenty_megabytes_are_read_whole, "got 20000001";
    a_chunked_download_that_is_changed: AddsToResponses,
        a_body_of_unknown_length_is_read_whole, "got 14";
    a_short_body_that_is_swallowed: SwallowsResponseErrors,
        a_body_that_is_cut_is_an_error_and_no_end, "got the body";
    a_redirect_that_is_followed: FollowsRedirects,
        promise_17_a_redirect_is_returned_and_not_followed, "expected 301, got 200";
    a_refused_connection_that_is_called_broken: CallsAllOther,
        a_refused_connection_is_told_from_one_that_broke, "Connect, got Other";
    a_broken_connection_that_is_called_refused: CallsAllConnect,
        a_connection_that_breaks_in_the_head_is_an_error, "Other, got Connect";
    a_broken_connection_that_is_tried_again: Resends,
        a_connection_that_breaks_in_the_head_is_an_error, "expected 1, got 2";
    garbage_that_is_called_a_refused_connection: CallsAllConnect,
        an_answer_that_is_not_http_is_an_error, "Other, got Connect";
    a_timeout_that_is_called_a_refused_connection: CallsAllConnect,
        an_answer_that_does_not_come_in_time_is_a_timeout, "Timeout, got Connect";
    a_request_that_is_none_and_called_otherwise: CallsAllConnect,
        a_request_without_a_host_is_an_error_as_declared, "Invalid, got Connect";
    a_source_that_is_hidden: HidesSources,
        the_clients_own_error_is_among_the_sources, "among the sources of";
    a_request_that_outlives_its_future: DetachesRequests,
        dropping_a_request_closes_its_connection, "never closes";
    a_response_that_outlives_its_drop: DetachesResponses,
        dropping_a_response_closes_its_connection, "never closes";
    a_token_call_on_a_shared_connection: SharesTokenCalls,
        promise_9_a_token_call_is_never_sent_twice, "a connection of its own";
    a_token_call_that_has_the_clients_timeout: SharesTokenCalls,
        promise_27_no_timeout_of_the_client_cuts_a_token_call, "timed out";
    a_token_call_that_is_sent_again: SendsTwice,
        promise_9_a_token_call_is_never_sent_twice, "expected 1, got 2";
    a_request_that_is_sent_again: Resends,
        promise_15_nothing_is_sent_twice_but_as_declared, "expected 1, got 2";
    a_herd_that_is_sent_twice: SendsTwice,
        promise_2_a_herd_makes_one_refresh, "invalid_grant";
    a_replay_that_differs: CountsAttempts,
        promise_16_a_replay_is_byte_identical, "the headers of the replay";
    a_reason_that_is_lost: ForgetsExtensions,
        promise_16_a_stream_that_was_read_is_not_replayed, "the reason";
    a_reason_that_is_lost_with_its_stream: ForgetsExtensions,
        promise_16_a_stream_that_was_not_read_is_replayed_as_declared, "the reason";
    a_factory_that_is_cut: CutsBodies,
        promise_16_a_factory_of_twenty_megabytes_survives_a_refusal, "bytes, got";
    a_second_credential: AddsACredential,
        promise_18_an_attempt_has_one_credential_header, "Basic YTpi";
    a_refusal_that_is_hoarded: BuffersResponses,
        promise_21_a_refusal_without_an_end_is_dropped, "the transport failed";
    a_refusal_that_is_waited_for: BuffersResponses,
        promise_21_a_refusal_that_stops_is_dropped, "the transport failed";
    a_refusal_that_is_waited_for_drop_by_drop: BuffersResponses,
        promise_21_a_refusal_that_drips_is_dropped, "the transport failed";
    a_stranger_that_is_told_more: AddsAHeader,
        promise_17_no_token_reaches_a_stranger_by_a_redirect, "x-client";
    a_token_call_that_is_followed: FollowsRedirects,
        promise_17_a_token_endpoint_that_redirects_is_not_followed, "a token call was followed";
    a_hop_that_is_cut: CutsBodies,
        promise_1_a_hop_that_is_refused_is_the_one_replayed, "the body at";
    a_type_of_a_body_that_was_dropped: InventsAContentType,
        a_redirect_keeps_or_drops_the_body_as_its_status_says, "x-www-form-urlencoded";
    a_redirect_that_costs_its_connection: ConnectsAnew,
        promise_21_a_redirects_connection_serves_the_next_hop, "the numbers of their connections";
    a_class_that_a_session_cannot_tell: CallsAllOther,
        a_session_tells_what_its_transport_tells, "expected Connect, got Transport";
    a_client_that_hides_a_fault_from_the_script: Resends,
        the_script_gives_the_trace_that_every_client_gives, "a line of the trace";
}

caught! { the_http2_suite_catches, http2_cases:
    an_upload_that_is_cut: CutsBodies,
        an_upload_through_small_windows_arrives_whole, "bytes, got";
    a_download_that_is_changed: AddsToResponses,
        a_download_beyond_the_windows_is_read_whole, "got 20000001";
    trailers_that_are_dropped: CollectsStreams,
        trailers_over_http2_are_no_part_of_a_body, "got []";
    trailers_that_are_part_of_a_body: AddsToResponses,
        trailers_over_http2_are_no_part_of_a_body, "got 2001";
    a_refusal_that_is_lost: FailsOnRefusals,
        a_401_in_the_middle_of_an_http2_upload_is_seen_or_an_error_as_declared,
        "unexpected error";
    a_request_that_outlives_its_future: DetachesRequests,
        dropping_a_request_resets_its_stream_alone, "never resets its stream";
    a_request_that_has_its_own_connection: ConnectsAnew,
        dropping_a_request_resets_its_stream_alone, "their connections";
    a_refused_stream_that_is_called_otherwise: CallsAllOther,
        promise_15_a_refused_stream_is_resent_or_reported_as_declared, "got Some(Other)";
    a_refused_stream_that_is_not_sent_again: LeavesResending,
        promise_15_a_refused_stream_is_resent_or_reported_as_declared, "got Some(NotProcessed)";
    a_refused_stream_that_is_sent_too_often: SendsTwice,
        promise_15_a_refused_stream_is_resent_or_reported_as_declared, "expected (1, 2)";
    a_request_beyond_a_goaway_that_is_called_otherwise: CallsAllOther,
        promise_15_a_request_beyond_a_goaway_is_resent_or_reported_as_declared,
        "got Some(Other)";
    a_request_within_a_goaway_that_is_sent_again: Resends,
        promise_15_a_request_within_a_goaway_is_sent_once, ", got a 200";
    a_request_within_a_goaway_that_is_called_unsent: CallsAllConnect,
        promise_15_a_request_within_a_goaway_is_sent_once, "Other, got Connect";
    a_get_that_is_sent_twice: SendsTwice,
        promise_15_a_get_arrives_once_whatever_goaways_come, "arrived twice";
    a_post_that_is_sent_twice: SendsTwice,
        promise_15_a_post_arrives_once_whatever_goaways_come, "arrived twice";
    a_post_that_is_left_to_the_caller: LeavesResending,
        promise_15_a_post_arrives_once_whatever_goaways_come, "NotProcessed";
    a_refresh_on_a_shared_connection: SharesTokenCalls,
        promise_2_a_storm_over_http2_makes_one_refresh, "on the connection of the refresh";
    a_storm_that_is_sent_twice: SendsTwice,
        promise_2_a_storm_over_http2_makes_one_refresh, "refreshes: expected 1";
    a_token_call_that_is_sent_again: Resends,
        promise_9_a_refused_token_call_loses_nothing, "NotProcessed, got a 200";
    a_token_call_that_is_called_otherwise: CallsAllOther,
        promise_9_a_refused_token_call_loses_nothing, "unexpected error";
}

/// Each line is a test: a declaration worse than the client, and the case that finds it.
macro_rules! untrue {
    ($name:ident, $cases:ident: $($test:ident: $declared:expr, $case:ident, $seen:literal;)*) => {
        mod $name {
            use super::*;
            $(
                #[test]
                fn $test() {
                    let adapter = With::fault(Fault::None).declaring($declared);
                    let seen = check(&adapter, $cases::$case);
                    let seen = seen.expect_err("the case finds it").to_string();
                    assert!(seen.contains($seen), "{seen}");
                }
            )*
        }
    };
}

untrue! { the_suite_catches_a_declaration_that_is_not_true, cases:
    a_header_that_is_not_added: |said| said.added_headers(["accept", "user-agent"]),
        no_header_is_added_but_those_declared, "user-agent";
    a_content_type_that_is_not_added: |said| said.content_type(ContentType::OctetStream),
        no_content_type_is_invented, "octet-stream";
    trailers_that_are_not_dropped: |said| said.upload_trailers(UploadTrailers::Dropped),
        trailers_of_an_upload_arrive_or_are_dropped_as_declared, "expected []";
    a_refusal_that_is_not_lost: |said| said.early_refusal(EarlyRefusal::Lost),
        a_401_in_the_middle_of_an_upload_is_seen_or_an_error_as_declared, "got a 401";
    a_request_that_is_not_sent_again: |said| said.broken_reuse(BrokenReuse::ResendsByItself),
        promise_15_nothing_is_sent_twice_but_as_declared, "expected 2, got 1";
    a_get_that_is_not_sent_again: |said| said.broken_reuse(BrokenReuse::ResendsBodiless),
        promise_15_nothing_is_sent_twice_but_as_declared, "GET of \"\", which";
    a_binary_header_that_is_sent: |said| said.binary_headers(BinaryHeaders::Invalid),
        a_binary_header_value_arrives_byte_for_byte, ", got a 200";
    a_request_that_is_closed_at_once: |said| said.abandoned(Abandoned::ClosesAtNextByte),
        dropping_a_request_closes_its_connection, "closes before the next byte";
    a_response_that_is_closed_at_once: |said| said.abandoned(Abandoned::ClosesAtNextByte),
        dropping_a_response_closes_its_connection, "closes before the next byte";
    a_head_that_comes_at_once: |said| said.heads(Heads::WithBody),
        a_body_that_is_cut_is_an_error_and_no_end, ", got a 200";
    a_head_that_is_not_taken: |said| said.broken_heads(BrokenHeads::Taken),
        a_connection_that_breaks_in_the_head_is_an_error, "unexpected error";
    a_connection_that_is_not_shared: |said| said.token_calls(TokenCalls::Shared),
        promise_21_a_drained_connection_serves_the_replay, "the numbers of their connections";
    a_token_call_on_its_own_connection: |said| said.token_calls(TokenCalls::Shared),
        promise_9_a_token_call_is_never_sent_twice, "no connection was reused";
    a_stream_that_is_begun: |said| said.expect_continue(ExpectContinue::Awaited),
        promise_16_a_stream_that_was_not_read_is_replayed_as_declared, "BodyNotReplayable";
    a_request_that_is_not_sent_for: |said| said.hostless(Hostless::Other),
        a_request_without_a_host_is_an_error_as_declared, "Other, got Invalid";
}

untrue! { the_http2_suite_catches_a_declaration_that_is_not_true, http2_cases:
    trailers_that_are_not_dropped: |said| said.upload_trailers(UploadTrailers::Dropped),
        trailers_over_http2_are_no_part_of_a_body, "expected []";
    a_refusal_that_is_not_lost: |said| said.early_refusal(EarlyRefusal::Lost),
        a_401_in_the_middle_of_an_http2_upload_is_seen_or_an_error_as_declared, "got a 401";
    a_stream_that_is_reset_at_once: |said| said.abandoned(Abandoned::ClosesAtNextByte),
        dropping_a_request_resets_its_stream_alone, "before the next byte";
    a_request_that_is_sent_again: |said| said.unprocessed(Unprocessed::Reported),
        promise_15_a_refused_stream_is_resent_or_reported_as_declared, "got None";
    a_body_that_is_sent_again: |said| said.unprocessed(Unprocessed::ResentWithoutBody),
        promise_15_a_refused_stream_is_resent_or_reported_as_declared,
        "a POST of bytes: the class of the error: expected Some(Other), got None";
    a_body_beyond_a_goaway_that_is_sent_again:
        |said| said.unprocessed(Unprocessed::ResentWithoutBody),
        promise_15_a_request_beyond_a_goaway_is_resent_or_reported_as_declared,
        "a POST of bytes: the class of the error: expected Some(Other), got None";
    a_token_call_over_http2: |said| said.token_call_version(TokenCallVersion::Http11),
        promise_2_a_storm_over_http2_makes_one_refresh, "the version of the token call";
}

/// Each line is a test: a client with this fault, a declaration of it, and the case that accepts
/// it.
macro_rules! declared {
    ($name:ident, $cases:ident: $($test:ident: $fault:ident, $declared:expr, $case:ident;)*) => {
        mod $name {
            use super::*;
            $(
                #[test]
                fn $test() {
                    let adapter = With::fault(Fault::$fault).declaring($declared);
                    check(&adapter, $cases::$case).unwrap();
                }
            )*
        }
    };
}

declared! { the_suite_accepts_what_is_declared, cases:
    a_header_that_is_added: AddsAHeader, |said| said.added_headers(["accept", "x-client"]),
        no_header_is_added_but_those_declared;
    a_client_without_a_timeout: HasNoTimeout, |said| said,
        an_answer_that_does_not_come_in_time_is_a_timeout;
    trailers_that_are_dropped: CollectsStreams,
        |said| said.upload_trailers(UploadTrailers::Dropped),
        trailers_of_an_upload_arrive_or_are_dropped_as_declared;
    a_refusal_that_is_lost: FailsOnRefusals, |said| said.early_refusal(EarlyRefusal::Lost),
        a_401_in_the_middle_of_an_upload_is_seen_or_an_error_as_declared;
    a_stream_that_waits: AsksFirst, |said| said.expect_continue(ExpectContinue::Awaited),
        promise_16_a_stream_that_was_not_read_is_replayed_as_declared;
    a_request_that_is_sent_again: Resends,
        |said| said.broken_reuse(BrokenReuse::ResendsByItself),
        promise_15_nothing_is_sent_twice_but_as_declared;
    a_request_without_a_host_that_fails: CallsAllOther, |said| said.hostless(Hostless::Other),
        a_request_without_a_host_is_an_error_as_declared;
    a_token_call_that_shares_a_connection: SharesTokenCalls,
        |said| said.token_calls(TokenCalls::Shared),
        promise_21_a_drained_connection_serves_the_replay;
    a_token_call_that_is_sent_once: SharesTokenCalls,
        |said| said.token_calls(TokenCalls::Shared),
        promise_9_a_token_call_is_never_sent_twice;
}

declared! { the_http2_suite_accepts_what_is_declared, http2_cases:
    a_refused_stream_that_is_reported: LeavesResending,
        |said| said.unprocessed(Unprocessed::Reported),
        promise_15_a_refused_stream_is_resent_or_reported_as_declared;
    a_request_beyond_a_goaway_that_is_reported: LeavesResending,
        |said| said.unprocessed(Unprocessed::Reported),
        promise_15_a_request_beyond_a_goaway_is_resent_or_reported_as_declared;
    a_post_that_the_caller_sends_again: LeavesResending,
        |said| said.unprocessed(Unprocessed::Reported),
        promise_15_a_post_arrives_once_whatever_goaways_come;
}

#[test]
fn every_case_is_in_the_suite_and_has_a_fault_that_it_catches() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let list = std::fs::read_to_string(format!("{folder}/lib.rs")).unwrap();
    let mut cases = 0;
    let files = |cases| std::fs::read_dir(format!("{folder}/{cases}")).unwrap();
    for file in files("cases").chain(files("http2_cases")) {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for case in text.split("\npub async fn ").skip(1) {
            let case = case.split('<').next().unwrap().trim();
            let listed = list.lines().filter(|line| line.trim() == case).count();
            assert_eq!(listed, 1, "{case} is in the list of the suite once");
            let caught = {
                let text = include_str!("sabotage.rs").split_whitespace();
                let text = text.collect::<Vec<_>>().join(" ");
                text.contains(&format!(" {case}, \""))
            };
            assert!(caught, "{case} has a fault that it catches");
            cases += 1;
        }
    }
    let listed = list
        .lines()
        .filter(|line| line.starts_with(&" ".repeat(16)));
    let listed = listed
        .filter(|line| !line.contains('/') && !line.contains('"'))
        .count();
    assert_eq!(cases, listed, "cases, and lines of the list");
}

#[test]
fn a_test_that_fails_names_its_case_and_what_was_seen() {
    let panic = catch_unwind(|| {
        let case = cases::promise_17_a_redirect_is_returned_and_not_followed;
        reauth_conformance::__hold(
            "the case",
            check(&With::fault(Fault::FollowsRedirects), case),
        );
    });
    let panic = panic.unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert_eq!(text, "the case: the status: expected 301, got 200");
}
