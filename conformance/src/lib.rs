//! One conformance suite for the transports of [`reauth`].
//!
//! An adapter of [`Transport`](reauth::Transport) only sends, reads and classifies. Whether it does
//! so as a session needs it shows on the wire: this crate has a server that writes down what
//! arrives, and breaks as it is told.
//!
//! # How to use it
//!
//! Implement [`Adapter`], and call [`suite!`] in a file of your tests: it makes a module of
//! `#[test]`s, one for each case.
//!
//! ```
//! use std::future::Future;
//! use std::time::Duration;
//!
//! use reauth_conformance::{Adapter, Capabilities};
//! use reauth_reqwest::{ReqwestTransport, reqwest};
//!
//! struct OverReqwest;
//!
//! impl Adapter for OverReqwest {
//!     type Transport = ReqwestTransport;
//!     type ClientError = reqwest::Error;
//!
//!     fn transport(&self) -> ReqwestTransport {
//!         ReqwestTransport::new(|client| client.no_proxy()).expect("a client")
//!     }
//!
//!     fn transport_with_timeout(&self, timeout: Duration) -> Option<ReqwestTransport> {
//!         let transport = ReqwestTransport::new(|client| client.no_proxy().timeout(timeout));
//!         Some(transport.expect("a client"))
//!     }
//!
//!     fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
//!         let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
//!         runtime.expect("a runtime").block_on(future)
//!     }
//!
//!     fn capabilities(&self) -> Capabilities {
//!         Capabilities::new().added_headers(["accept"])
//!     }
//! }
//!
//! reauth_conformance::suite!(reqwest_conforms, OverReqwest);
//! #
//! # use reauth_conformance::{cases, check};
//! # check(&OverReqwest, cases::a_204_has_no_body_and_frees_its_connection).expect("it conforms");
//! ```
//!
//! A test that fails names its case and what was seen:
//!
//! ```text
//! promise_17_a_redirect_is_returned_and_not_followed: the status: promised 301, seen 200
//! ```
//!
//! # HTTP/2
//!
//! An adapter whose client speaks HTTP/2 implements [`Http2Adapter`] too, and calls
//! [`http2_suite!`] beside [`suite!`]: its tests are the [`http2_cases`].
//!
//! # What a client cannot do
//!
//! is said with [`Capabilities`], and asserted: no case is ever left out. Each of its methods and
//! enums says what happens instead.
//!
//! # One case alone
//!
//! [`check`] runs one of the [`cases`] or [`http2_cases`] and returns its [`Outcome`]; [`script::trace`] gives the
//! trace of the script for a look.

mod adapter;
mod capabilities;
pub mod cases;
mod http2;
pub mod http2_cases;
mod outcome;
mod scene;
pub mod script;
mod server;
mod signal;
mod upload;

pub use adapter::Adapter;
pub use capabilities::{
    Abandoned, BinaryHeaders, BrokenHeads, BrokenReuse, Capabilities, ContentType, EarlyRefusal,
    ExpectContinue, Heads, Hostless, TokenCallVersion, TokenCalls, Unprocessed, UploadTrailers,
};
pub use http2::{Http2Adapter, Http2Server};
pub use outcome::{Outcome, Violation};
pub use scene::{Scene, check};

/// Makes a module of this name, with a `#[test]` for each of the [`cases`].
///
/// The second argument is an expression, in scope where the macro is called, that gives the
/// [`Adapter`]. See the [crate](crate) for an example.
#[macro_export]
macro_rules! suite {
    ($name:ident, $adapter:expr $(,)?) => {
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports, reason = "the adapter may have a path of its own")]
            use super::*;

            $crate::__tests! { cases, $adapter;
                // what is asked
                a_method_and_a_target_arrive_as_they_are
                a_repeated_request_header_arrives_repeated_and_in_order
                a_binary_header_value_arrives_byte_for_byte
                an_empty_header_value_arrives_empty
                no_header_is_added_but_those_declared
                no_content_type_is_invented

                // what is carried there
                an_empty_body_sends_no_byte
                bytes_arrive_with_their_length
                bytes_that_look_like_framing_are_bytes
                twenty_megabytes_arrive_with_their_length
                a_stream_of_unknown_length_goes_in_chunks
                a_stream_of_known_length_announces_it
                a_stream_of_twenty_megabytes_arrives_whole
                a_stream_that_fails_is_no_whole_request
                trailers_of_an_upload_arrive_or_are_dropped_as_declared
                a_401_in_the_middle_of_an_upload_is_seen_or_an_error_as_declared
                a_reset_in_the_middle_of_an_upload_is_no_hang

                // what is answered
                an_answer_to_head_has_no_body_and_frees_its_connection
                a_204_has_no_body_and_frees_its_connection
                a_304_has_no_body_and_frees_its_connection
                a_repeated_response_header_is_there_repeated_and_in_order
                the_extensions_of_a_response_keep_what_is_put_there
                the_first_piece_comes_before_the_last_is_sent
                twenty_megabytes_are_read_whole
                a_body_of_unknown_length_is_read_whole
                promise_17_a_redirect_is_returned_and_not_followed

                // what breaks
                a_body_that_is_cut_is_an_error_and_no_end
                a_refused_connection_is_told_from_one_that_broke
                a_connection_that_breaks_in_the_head_is_an_error
                an_answer_that_is_not_http_is_an_error
                an_answer_that_does_not_come_in_time_is_a_timeout
                a_request_without_a_host_is_an_error_as_declared
                the_clients_own_error_is_among_the_sources
                dropping_a_request_closes_its_connection
                dropping_a_response_closes_its_connection
                promise_9_a_token_call_is_never_sent_twice
                promise_27_no_timeout_of_the_client_cuts_a_token_call
                promise_15_nothing_is_sent_twice_but_as_declared

                // what a session makes of it
                promise_2_a_herd_makes_one_refresh
                promise_16_a_replay_is_byte_identical
                promise_16_a_factory_of_twenty_megabytes_survives_a_refusal
                promise_16_a_stream_that_was_read_is_not_replayed
                promise_16_a_stream_that_was_not_read_is_replayed_as_declared
                promise_18_an_attempt_has_one_credential_header
                promise_21_a_drained_connection_serves_the_replay
                promise_21_a_refusal_without_an_end_is_dropped
                promise_21_a_refusal_that_stops_is_dropped
                promise_21_a_refusal_that_drips_is_dropped
                promise_17_no_token_reaches_a_stranger_by_a_redirect
                promise_17_a_token_endpoint_that_redirects_is_not_followed
                promise_1_a_hop_that_is_refused_is_the_one_replayed
                a_redirect_keeps_or_drops_the_body_as_its_status_says
                promise_21_a_redirects_connection_serves_the_next_hop
                a_session_tells_what_its_transport_tells
                the_script_gives_the_trace_that_every_client_gives
            }
        }
    };
}

/// Makes a module of this name, with a `#[test]` for each of the [`http2_cases`].
///
/// The second argument is an expression, in scope where the macro is called, that gives the
/// [`Http2Adapter`].
#[macro_export]
macro_rules! http2_suite {
    ($name:ident, $adapter:expr $(,)?) => {
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports, reason = "the adapter may have a path of its own")]
            use super::*;

            $crate::__tests! { http2_cases, $adapter;
                // what is carried
                an_upload_through_small_windows_arrives_whole
                a_download_beyond_the_windows_is_read_whole
                trailers_over_http2_are_no_part_of_a_body
                a_401_in_the_middle_of_an_http2_upload_is_seen_or_an_error_as_declared

                // what ends early
                dropping_a_request_resets_its_stream_alone
                promise_15_a_refused_stream_is_resent_or_reported_as_declared
                promise_15_a_request_beyond_a_goaway_is_resent_or_reported_as_declared
                promise_15_a_request_within_a_goaway_is_sent_once
                promise_15_a_get_arrives_once_whatever_goaways_come
                promise_15_a_post_arrives_once_whatever_goaways_come

                // what a session makes of it
                promise_2_a_storm_over_http2_makes_one_refresh
                promise_9_a_refused_token_call_loses_nothing
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ($cases:ident, $adapter:expr; $($case:ident)*) => {$(
        #[test]
        fn $case() {
            $crate::__hold(stringify!($case), $crate::check(&$adapter, $crate::$cases::$case));
        }
    )*};
}

/// Panics with what a case saw.
#[doc(hidden)]
#[track_caller]
pub fn __hold(case: &str, outcome: Outcome) {
    if let Err(seen) = outcome {
        panic!("{case}: {seen}");
    }
}
