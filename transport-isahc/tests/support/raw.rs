//! A server that may break the protocol: a function serves each connection on a thread.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Serves until the process ends.
pub(crate) struct Raw {
    addr: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

/// A request as it arrived, with the number of its connection, from 0.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) connection: usize,
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// The server's side of one connection.
pub(crate) struct Wire {
    pub(crate) number: usize,
    stream: BufReader<TcpStream>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Raw {
    pub(crate) fn start(serve: impl Fn(Wire) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let (log, serve) = (received.clone(), Arc::new(serve));
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (log, serve) = (log.clone(), serve.clone());
                let stream = stream.unwrap();
                // A safety net: a test ends even if its client does nothing.
                stream
                    .set_read_timeout(Some(Duration::from_secs(30)))
                    .unwrap();
                thread::spawn(move || {
                    serve(Wire {
                        number,
                        stream: BufReader::new(stream),
                        received: log,
                    });
                });
            }
        });
        Self { addr, received }
    }

    /// A server that answers each request with this status and no body.
    pub(crate) fn answering(status: &'static str) -> Self {
        Self::start(move |mut wire| {
            while wire.request().is_some() {
                wire.answer(status);
            }
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.addr)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Wire {
    /// Reads the next request with its body; `None` if the client has closed.
    pub(crate) fn request(&mut self) -> Option<Received> {
        let head = self.head()?;
        Some(self.body(head))
    }

    pub(crate) fn head(&mut self) -> Option<Received> {
        let line = self.line()?;
        let mut headers = HashMap::new();
        while let Some(header) = self.line().filter(|line| !line.is_empty()) {
            let (name, value) = header.split_once(':').unwrap();
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        Some(Received {
            connection: self.number,
            line,
            headers,
            body: Vec::new(),
        })
    }

    /// Reads as much of the body as comes, and records the request as received.
    pub(crate) fn body(&mut self, mut request: Received) -> Received {
        if let Some(length) = request.header("content-length") {
            let length = length.parse().unwrap();
            self.read(length, &mut request.body);
        } else if request.header("transfer-encoding").is_some() {
            while let Some(size) = self.line() {
                let size = u64::from_str_radix(&size, 16).unwrap();
                self.read(size, &mut request.body);
                self.line();
                if size == 0 {
                    break;
                }
            }
        }
        self.received.lock().unwrap().push(request.clone());
        request
    }

    pub(crate) fn answer(&mut self, status: &str) {
        self.write(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"));
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn read(&mut self, length: u64, body: &mut Vec<u8>) {
        _ = self.stream.by_ref().take(length).read_to_end(body);
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line);
        (read.ok()? > 0).then(|| line.trim_end().to_owned())
    }
}
