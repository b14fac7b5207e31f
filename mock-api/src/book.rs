//! The resource behind the access token.

use serde::{Deserialize, Serialize};

/// A book in the list of `GET /api/books`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// Its number in the list, counting from 1.
    pub id: u32,
    /// Its title.
    pub title: String,
    /// Its author.
    pub author: String,
}

/// The books of every accepted request.
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
