//! Errors in one line, safe to print.

use std::error::Error;
use std::fmt::Debug;

/// An error and its causes.
pub(crate) fn explain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    without_queries(&line)
}

/// Removes queries, which may hold a key: clients name the URL in their errors.
fn without_queries(text: &str) -> String {
    let mut shown = String::new();
    let mut inside = false;
    for char in text.chars() {
        match char {
            '?' if !inside => {
                inside = true;
                shown.push_str("?…");
            }
            ' ' | ')' => {
                inside = false;
                shown.push(char);
            }
            _ if inside => {}
            _ => shown.push(if char.is_control() { ' ' } else { char }),
        }
    }
    shown
}

/// Turns `SessionExpired` into `session_expired`.
pub(crate) fn snake_case(name: impl Debug) -> String {
    let mut snake = String::new();
    for char in format!("{name:?}").chars() {
        if char.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(char.to_ascii_lowercase());
    }
    snake
}
