//! A session in a synchronous program.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use std::io::Read;

use http::Request;
use isahc::ReadResponseExt;
use reauth_isahc::reauth::{ErrorKind, Reason, Token};
use reauth_isahc::{blocking, isahc};
use reauth_mock_api::Resource;
use support::*;

#[test]
fn the_response_is_isahcs_own_for_a_program_that_blocks() {
    let api = rotating();
    let session = blocking::Session::from(session(&api));
    let text = session.execute(books_of(&api)).unwrap().text().unwrap();
    assert!(text.starts_with("[{"), "{text}");

    let mut response = session.execute(books_of(&api)).unwrap();
    let books: serde_json::Value = response.json().unwrap();
    assert!(books.as_array().is_some_and(|books| !books.is_empty()));

    let mut response = session.execute(books_of(&api)).unwrap();
    assert_eq!(response.body().len(), Some(text.len() as u64));
    let mut read = String::new();
    response.body_mut().read_to_string(&mut read).unwrap();
    assert_eq!(read, text);

    let head = Request::head(format!("{}/api/books", api.url()));
    let response = session.execute(head.body(()).unwrap()).unwrap();
    assert!(response.body().is_empty());
}

#[test]
fn promise_14_a_reason_and_an_error_are_those_of_the_session() {
    let api = rotating();
    api.resource(Resource::RefuseAll);
    let session = blocking::Session::new(session(&api));
    let refused = session.execute(books_of(&api)).unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(reason(&refused), Some(Reason::RefusedAgain));
}

#[test]
fn promise_13_sign_in_and_sign_out_are_those_of_the_session_it_was_made_from() {
    let api = rotating();
    let awaited = session(&api);
    let session = blocking::Session::new(awaited.clone());
    session.sign_out().unwrap();
    let error = block_on(books(&awaited, &api)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignedOut);

    let token = Token::new(api.issue_access_token()).unwrap();
    session.replace(token).unwrap();
    let answer = block_on(books(&awaited, &api)).unwrap();
    assert_eq!(answer.status(), 200);
    session.close().unwrap();
    assert_eq!(api.counts().refreshes, 0);
}
