//! A server for `http` and `https` on one port. A read has a time limit, so that no test waits
//! forever.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificate::Certificate;
use crate::received::{Received, Scheme};

/// Time limit for a read.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The first byte of a TLS handshake (RFC 8446 section 5.1). No HTTP method begins with it.
const HANDSHAKE: u8 = 22;

/// A response, by default without headers and body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(crate) const fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the body.
    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} Named\r\n", self.status);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += &format!("content-length: {}\r\n\r\n{}", self.body.len(), self.body);
        text.into_bytes()
    }
}

/// A running server. It serves as long as the process lives.
#[derive(Debug)]
pub(crate) struct Server {
    addr: SocketAddr,
    pem: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts a server that answers with this function.
    pub(crate) fn start(
        answer: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        let Certificate { pem, config } = Certificate::new(&[])?;
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let (log, answer) = (Arc::clone(&received), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, log, answer) = (config.clone(), log.clone(), answer.clone());
                // A connection that breaks is noticed by the client.
                thread::spawn(move || _ = accept(stream, config, &log, &*answer));
            }
        });
        Ok(Self {
            addr,
            pem,
            received,
        })
    }

    /// An absolute URL of this server.
    pub(crate) fn url(&self, scheme: Scheme, target: &str) -> String {
        format!("{scheme}://{}{target}", self.addr)
    }

    /// The self-signed certificate.
    pub(crate) fn certificate(&self) -> &str {
        &self.pem
    }

    /// All requests so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }
}

type Log = Mutex<Vec<Received>>;

fn accept(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    log: &Log,
    answer: &dyn Fn(&Received) -> Answer,
) -> io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut first = [0];
    stream.peek(&mut first)?;
    if first == [HANDSHAKE] {
        let tls = ServerConnection::new(config).map_err(io::Error::other)?;
        serve(StreamOwned::new(tls, stream), Scheme::Https, log, answer)
    } else {
        serve(stream, Scheme::Http, log, answer)
    }
}

fn serve(
    stream: impl Read + Write,
    scheme: Scheme,
    log: &Log,
    answer: &dyn Fn(&Received) -> Answer,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream, scheme)? {
        lock(log).push(request.clone());
        stream.get_mut().write_all(&answer(&request).bytes())?;
        stream.get_mut().flush()?;
    }
    Ok(())
}

/// The next request, or `None` if the client closed the connection.
fn read(stream: &mut impl BufRead, scheme: Scheme) -> io::Result<Option<Received>> {
    let head = line(stream)?;
    let mut words = head.split(' ').map(str::to_owned);
    let (Some(_method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Received {
        scheme,
        target,
        headers,
        body: String::new(),
    };
    if let Some(length) = request.header("content-length") {
        let length = length.parse().map_err(io::Error::other)?;
        stream.take(length).read_to_string(&mut request.body)?;
    }
    Ok(Some(request))
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
