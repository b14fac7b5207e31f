//! The resource behind the access token.

use serde::{Deserialize, Serialize};

/// A book, as `GET /api/books` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// Its number in the list, from 1.
    pub id: u32,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub author: String,
}

/// The books that every accepted request gets.
pub(crate) fn shelf() -> Vec<Book> {
    [
        ("Middlemarch", "George Eliot"),
        ("Moby-Dick", "Herman Melville"),
        ("Pride and Prejudice", "Jane Austen"),
    ]
    .into_iter()
    .zip(1..)
    .map(|((title, author), id)| Book {
        id,
        title: title.to_owned(),
        author: author.to_owned(),
    })
    .collect()
}
