//! One conformance suite for the transports of [`reauth`].
//!
//! Implement [`Transport`](reauth::Transport) for your client and [`Adapter`] for your tests. Then
//! call [`suite!`], which makes a module with a `#[test]` for each of the [`cases`]:
//!
//! ```
//! use std::future::Future;
//! use std::io;
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Extensions, HeaderMap, Request, Response, StatusCode};
//! use http_body_util::BodyExt;
//! use reauth::{Body, Failure, Runtime, TokioRuntime, Transport};
//! use reauth_conformance::{Adapter, Capabilities, cases, check};
//! # mod tiny {
//! #     use std::io::{self, Read, Write};
//! #     use bytes::Bytes;
//! #     use http::{Response, request::Parts};
//! #
//! #     pub struct Client;
//! #
//! #     impl Client {
//! #         pub fn send(&self, head: Parts, body: Bytes) -> io::Result<Response<Option<Bytes>>> {
//! #             let host = head.uri.authority().ok_or(io::ErrorKind::InvalidInput)?.as_str();
//! #             let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
//! #             let length = body.len();
//! #             let mut sent = format!("{} {target} HTTP/1.1\r\nhost: {host}\r\n", head.method);
//! #             sent += &format!("content-length: {length}\r\n");
//! #             let mut sent = sent.into_bytes();
//! #             for (name, value) in &head.headers {
//! #                 let line = [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"];
//! #                 sent.extend(line.concat());
//! #             }
//! #             sent.extend(b"\r\n");
//! #             sent.extend(&body);
//! #             let mut stream = std::net::TcpStream::connect(host)?;
//! #             stream.write_all(&sent)?;
//! #
//! #             let mut read = Vec::new();
//! #             loop {
//! #                 let mut buffer = [0; 4096];
//! #                 let length = stream.read(&mut buffer)?;
//! #                 if length == 0 {
//! #                     return Err(io::ErrorKind::UnexpectedEof.into());
//! #                 }
//! #                 read.extend(&buffer[..length]);
//! #                 let mut headers = [httparse::EMPTY_HEADER; 64];
//! #                 let mut head = httparse::Response::new(&mut headers);
//! #                 let status = head.parse(&read).map_err(io::Error::other)?;
//! #                 if let httparse::Status::Complete(end) = status {
//! #                     let mut response = Response::builder().status(head.code.unwrap());
//! #                     for header in head.headers.iter() {
//! #                         response = response.header(header.name, header.value);
//! #                     }
//! #                     let mut body = read[end..].to_vec();
//! #                     let length = response.headers_ref().unwrap().get("content-length");
//! #                     let length = length.map_or(0, |n| n.to_str().unwrap().parse().unwrap());
//! #                     let had = body.len();
//! #                     body.resize(length, 0);
//! #                     stream.read_exact(&mut body[had..])?;
//! #                     return response.body(Some(body.into())).map_err(io::Error::other);
//! #                 }
//! #             }
//! #         }
//! #     }
//! # }
//!
//! struct TinyTransport {
//!     client: tiny::Client, // a made-up client, with a new connection for each request
//!     runtime: Arc<TokioRuntime>,
//! }
//!
//! impl Transport for TinyTransport {
//!     type Response = Response<Option<Bytes>>;
//!     type Error = io::Error;
//!
//!     async fn send(&self, request: Request<Body>) -> io::Result<Self::Response> {
//!         let (head, body) = request.into_parts();
//!         let body = body.collect().await.map_err(io::Error::other)?;
//!         self.client.send(head, body.to_bytes())
//!     }
//!
//!     fn status(response: &Self::Response) -> StatusCode {
//!         response.status()
//!     }
//!
//!     fn headers(response: &Self::Response) -> &HeaderMap {
//!         response.headers()
//!     }
//!
//!     fn extensions_mut(response: &mut Self::Response) -> &mut Extensions {
//!         response.extensions_mut()
//!     }
//!
//!     async fn chunk(response: &mut Self::Response) -> io::Result<Option<Bytes>> {
//!         Ok(response.body_mut().take())
//!     }
//!
//!     fn failure(error: &io::Error) -> Failure {
//!         match error.kind() {
//!             io::ErrorKind::InvalidInput => Failure::Invalid,
//!             io::ErrorKind::ConnectionRefused => Failure::Connect,
//!             io::ErrorKind::TimedOut => Failure::Timeout,
//!             _ => Failure::Other,
//!         }
//!     }
//!
//!     fn runtime(&self) -> Arc<dyn Runtime> {
//!         self.runtime.clone()
//!     }
//! }
//!
//! struct OverTiny;
//!
//! impl Adapter for OverTiny {
//!     type Transport = TinyTransport;
//!     type ClientError = io::Error;
//!
//!     fn transport(&self) -> TinyTransport {
//!         let runtime = Arc::new(TokioRuntime::new());
//!         TinyTransport { client: tiny::Client, runtime }
//!     }
//!
//!     fn transport_with_timeout(&self, _: Duration) -> Option<TinyTransport> {
//!         None
//!     }
//!
//!     fn run<F: Future<Output: Send> + Send>(&self, future: F) -> F::Output {
//!         let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
//!         runtime.expect("a runtime").block_on(future)
//!     }
//!
//!     fn capabilities(&self) -> Capabilities {
//!         Capabilities::new()
//!     }
//! }
//!
//! // In a file of your tests: every case.
//! reauth_conformance::suite!(tiny_conforms, OverTiny);
//!
//! // Anywhere: one case alone.
//! check(&OverTiny, cases::an_empty_header_value_arrives_empty).expect("it conforms");
//! ```
//!
//! `cargo test` runs the suite, and `cargo test --doc -p reauth-conformance` the example. A failing
//! test names its case and the difference:
//!
//! ```text
//! promise_17_a_redirect_is_returned_and_not_followed: the status: expected 301, got 200
//! ```
//!
//! The suite has its own server, which records the bytes that arrive, and breaks connections on
//! purpose.
//!
//! # HTTP/2
//!
//! If the client speaks HTTP/2, implement [`Http2Adapter`] too, and call [`http2_suite!`]. Its
//! tests are the [`http2_cases`].
//!
//! # Differences between clients
//!
//! No case is left out. If a client cannot do what a case checks, [`Capabilities`] says what it
//! does instead, and the case asserts that.
//!
//! # The trace
//!
//! [`script::trace`] runs a fixed script over a transport, and returns its trace.
#![cfg_attr(docsrs, feature(doc_cfg))]

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
/// The second argument is an expression for the [`Adapter`], evaluated where the macro is
/// called. See the [crate](crate) for an example.
#[macro_export]
macro_rules! suite {
    ($name:ident, $adapter:expr $(,)?) => {
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports, reason = "the adapter may have a path of its own")]
            use super::*;

            $crate::__tests! { cases, $adapter;
                // requests
                a_method_and_a_target_arrive_as_they_are
                a_repeated_request_header_arrives_repeated_and_in_order
                a_binary_header_value_arrives_byte_for_byte
                an_empty_header_value_arrives_empty
                no_header_is_added_but_those_declared
                no_content_type_is_invented

                // request bodies
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

                // responses
                an_answer_to_head_has_no_body_and_frees_its_connection
                a_204_has_no_body_and_frees_its_connection
                a_304_has_no_body_and_frees_its_connection
                a_repeated_response_header_is_there_repeated_and_in_order
                the_extensions_of_a_response_keep_what_is_put_there
                the_first_piece_comes_before_the_last_is_sent
                twenty_megabytes_are_read_whole
                a_body_of_unknown_length_is_read_whole
                promise_17_a_redirect_is_returned_and_not_followed

                // broken connections
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

                // sessions
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
/// The second argument is an expression for the [`Http2Adapter`], evaluated where the macro is
/// called.
#[macro_export]
macro_rules! http2_suite {
    ($name:ident, $adapter:expr $(,)?) => {
        #[cfg(test)]
        mod $name {
            #[allow(unused_imports, reason = "the adapter may have a path of its own")]
            use super::*;

            $crate::__tests! { http2_cases, $adapter;
                // bodies
                an_upload_through_small_windows_arrives_whole
                a_download_beyond_the_windows_is_read_whole
                trailers_over_http2_are_no_part_of_a_body
                a_401_in_the_middle_of_an_http2_upload_is_seen_or_an_error_as_declared

                // streams and connections that end early
                dropping_a_request_resets_its_stream_alone
                promise_15_a_refused_stream_is_resent_or_reported_as_declared
                promise_15_a_request_beyond_a_goaway_is_resent_or_reported_as_declared
                promise_15_a_request_within_a_goaway_is_sent_once
                promise_15_a_get_arrives_once_whatever_goaways_come
                promise_15_a_post_arrives_once_whatever_goaways_come

                // sessions
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

/// Panics with the violation of a case.
#[doc(hidden)]
#[track_caller]
pub fn __hold(case: &str, outcome: Outcome) {
    if let Err(seen) = outcome {
        panic!("{case}: {seen}");
    }
}

/// The program of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
