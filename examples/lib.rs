//! The examples of reauth: each is a file beside this one, and a lesson.
