//! The program, run as its users run it.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mock-api"));
    program.args(arguments);
    program
}

fn finished(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// A program that listens on a free port, killed when dropped.
struct Running {
    child: Child,
    out: Option<BufReader<ChildStdout>>,
    authority: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut program = program(arguments);
        program.args(["--port", "0"]);
        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        let out = child.stdout.take().map(BufReader::new);
        let mut running = Self {
            child,
            out,
            authority: String::new(),
        };
        let line = running.line();
        let url = line.strip_prefix("Listening on http://").unwrap();
        let authority = url.strip_suffix(" (press CTRL+C to quit)").unwrap();
        running.authority = authority.to_owned();
        running
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.as_mut().unwrap().read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn answer(authority: &str, line: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(authority).unwrap();
        let length = body.len();
        let head = format!("{line} HTTP/1.1\r\nhost: books\r\nconnection: close");
        write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[test]
fn help_names_every_option() {
    let (code, out, _) = finished(&["--help"]);
    assert_eq!(code, Some(0));
    for option in [
        "--host",
        "--port",
        "--token-ttl",
        "--silent",
        "--rotate",
        "--refresh-token",
        "--client-id",
        "--client-secret",
    ] {
        assert!(out.contains(option), "{option}: {out}");
    }
    assert!(out.contains("restart the program"));
}

#[test]
fn it_says_where_it_listens_then_logs_each_response() {
    let mut program = Running::start(&[]);
    assert_eq!(
        program.line(),
        "Start with the refresh token: demo-refresh-token"
    );
    // Twice: the next client uses the same refresh token.
    for _ in 0..2 {
        let authority = &program.authority;
        let answer = Running::answer(authority, "GET /api/books", "");
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        let body = r#"{"refresh_token":"demo-refresh-token"}"#;
        let answer = Running::answer(authority, "POST /auth/refresh", body);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let line = program.line();
        assert!(line.starts_with("INFO:     127.0.0.1:"), "{line}");
        let end = " - \"GET /api/books HTTP/1.1\" 401 Unauthorized";
        assert!(line.ends_with(end), "{line}");
        let line = program.line();
        let end = " - \"POST /auth/refresh HTTP/1.1\" 200 OK";
        assert!(line.ends_with(end), "{line}");
    }
}

#[test]
fn a_client_is_asked_for_its_secret() {
    let mut program = Running::start(&["--client-id", "id", "--client-secret", "secret"]);
    program.line();
    let by_client = "grant_type=client_credentials";
    let secret = format!("{by_client}&client_id=id&client_secret=secret");
    for (body, status) in [(by_client, 401), (&secret, 200)] {
        let answer = Running::answer(&program.authority, "POST /oauth/token", body);
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{answer}");
    }

    let (code, _, err) = finished(&["--client-id", "id"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--client-secret"), "{err}");
}

#[test]
fn a_lifetime_is_told_unless_it_is_to_be_silent() {
    let body = r#"{"refresh_token":"demo-refresh-token"}"#;
    for (arguments, told) in [
        (&["--token-ttl", "9"][..], true),
        (&["--token-ttl", "9", "--silent"], false),
    ] {
        let program = Running::start(arguments);
        let answer = Running::answer(&program.authority, "POST /auth/refresh", body);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert_eq!(answer.contains(r#""expires_in":9"#), told, "{answer}");
        assert_eq!(answer.contains("expires_in"), told, "{answer}");
    }

    let (code, _, err) = finished(&["--silent"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--token-ttl"), "{err}");
}

#[test]
fn it_serves_on_when_its_output_is_closed() {
    let mut program = Running::start(&["--refresh-token", "mine"]);
    assert_eq!(program.line(), "Start with the refresh token: mine");
    program.out = None;
    for _ in 0..3 {
        let answer = Running::answer(&program.authority, "GET /nowhere", "");
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
}

#[test]
fn a_taken_port_is_one_line_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let (code, out, err) = finished(&["--port", &address.port().to_string()]);
    assert_eq!(code, Some(1));
    assert_eq!(out, "");
    assert_eq!(err.lines().count(), 1, "{err}");
    for part in [&address.to_string(), "taken", "--port 0"] {
        assert!(err.contains(part), "{part}: {err}");
    }
}

#[test]
fn a_lifetime_of_nothing_is_refused() {
    for value in ["0", "soon", "-1"] {
        let ttl = format!("--token-ttl={value}");
        let (code, _, err) = finished(&[&ttl]);
        assert_eq!(code, Some(2));
        assert!(err.contains("second"), "{err}");
    }
}
