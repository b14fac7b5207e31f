//! The example `books` shows what it claims, every time.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "the main of the example and its printing are for people"
)]

#[path = "../books.rs"]
mod books;

use std::error::Error;

/// The client's port, and the rest of the line.
fn split(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("INFO:     127.0.0.1:")?.split_once(" - ")
}

#[tokio::test]
async fn a_thousand_lessons_show_the_same_three_lines_on_one_connection()
-> Result<(), Box<dyn Error>> {
    for run in 0..1_000 {
        let (log, books) = books::lesson().await?;
        let lines: Vec<_> = log.iter().filter_map(|line| split(line)).collect();
        let told: Vec<_> = lines.iter().map(|(_, told)| *told).collect();
        assert_eq!(
            told,
            [
                "\"GET /api/books HTTP/1.1\" 401 Unauthorized",
                "\"POST /auth/refresh HTTP/1.1\" 200 OK",
                "\"GET /api/books HTTP/1.1\" 200 OK",
            ],
            "run {run}"
        );
        let port = lines[0].0;
        assert!(
            lines.iter().all(|(other, _)| *other == port),
            "run {run}: {log:?}"
        );
        assert_eq!(books.len(), 3, "run {run}");
    }
    Ok(())
}
