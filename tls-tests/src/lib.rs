//! A server on this machine that speaks `http` and `https` on one port, and writes down what
//! arrives, and a proxy that puts TLS in front of a server over HTTP/2.
//!
//! It is a package of its own, outside of the default members, so that whoever runs an example or
//! the other tests builds no TLS:
//!
//! ```console
//! $ cargo test -p reauth-tls-tests
//! ```

mod certificate;
mod front;
mod received;
mod server;

pub use front::Front;
pub use received::{Received, Scheme};
pub use server::{Answer, Server};
