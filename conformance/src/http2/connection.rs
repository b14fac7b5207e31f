//! A connection over HTTP/2.

use std::future::poll_fn;
use std::io::{self, Write};
use std::net::{Shutdown, TcpStream as StdTcpStream};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use h2::server::{Builder, Connection, SendResponse};
use h2::{Reason, RecvStream, SendStream};
use http::Request;
use http::request::Parts;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::plan::{First, Plan};
use super::server::{PATIENCE, Shared};
use crate::server::{Answer, Framing, Received};
use crate::signal::Signal;

/// How long the test watches a client that must do nothing.
const GLANCE: Duration = Duration::from_millis(300);

type Stream = (Request<RecvStream>, SendResponse<Bytes>);

/// What follows the end of a stream.
enum After {
    /// The next stream.
    More,
    /// A GOAWAY with this stream as the last, and the end of the connection. The stream is
    /// returned, because dropping it would reset it.
    Close(SendResponse<Bytes>),
}

pub(super) async fn serve(stream: TcpStream, number: usize, shared: Arc<Shared>) {
    // The client notices a broken connection by itself.
    if let Err(error) = serve_streams(stream, number, &shared).await
        && error.kind() == io::ErrorKind::InvalidData
    {
        shared.complain(error.to_string());
    }
}

async fn serve_streams(stream: TcpStream, number: usize, shared: &Arc<Shared>) -> io::Result<()> {
    let stream = stream.into_std()?;
    let mut socket = stream.try_clone()?;
    let stream = TcpStream::from_std(stream)?;
    let mut builder = Builder::new();
    builder.max_concurrent_streams(1_000);
    if let Some((stream, connection)) = shared.settings.windows {
        builder
            .initial_window_size(stream)
            .initial_connection_window_size(connection);
    }
    let handshake = timeout(PATIENCE, builder.handshake(stream)).await?;
    let mut connection: Connection<_, Bytes> = handshake.map_err(legal)?;
    let mut streams = JoinSet::new();
    let mut gone = false;
    // RFC 9113 section 6.8: streams beyond the last one of a GOAWAY are ignored. They are kept,
    // because dropping them would reset them.
    let mut ignored = Vec::new();
    let mut count = 0;
    while !(gone && streams.is_empty()) {
        tokio::select! {
            accepted = connection.accept() => {
                let (request, respond) = match accepted {
                    Some(accepted) => accepted.map_err(legal)?,
                    None => {
                        // They end by themselves, and may have to raise a signal first.
                        while streams.join_next().await.is_some() {}
                        return Ok(());
                    }
                };
                if gone {
                    ignored.push((request, respond));
                    continue;
                }
                let (parts, body) = request.into_parts();
                let mut received = head(&parts, number);
                received.before = count;
                let id = respond.stream_id().as_u32();
                let plan = (shared.script)(&received);
                if matches!(plan, Plan::GoAwayBefore) {
                    // A client's stream identifiers are odd, and 0 is not a stream.
                    goaway(&mut socket, id.saturating_sub(2))?;
                    gone = true;
                    ignored.push((Request::from_parts(parts, body), respond));
                    continue;
                }
                count += 1;
                let shared_with = Arc::clone(shared);
                streams.spawn(async move {
                    answer(plan, received, body, respond, &shared_with).await
                });
                if shared.settings.goaway_after.is_some_and(|after| count >= after) {
                    goaway(&mut socket, id)?;
                    gone = true;
                }
            }
            Some(ended) = streams.join_next() => {
                if let Ok(Ok(After::Close(last))) = ended {
                    goaway(&mut socket, last.stream_id().as_u32())?;
                    return close(socket, connection).await;
                }
            }
        }
    }
    flush(&mut connection, &mut ignored).await;
    close(socket, connection).await
}

/// Sends what is left in the buffer of h2, which any poll does.
async fn flush(connection: &mut Connection<TcpStream, Bytes>, ignored: &mut Vec<Stream>) {
    poll_fn(|context| {
        while let Poll::Ready(Some(Ok(stream))) = connection.poll_accept(context) {
            ignored.push(stream);
        }
        Poll::Ready(())
    })
    .await;
}

/// Closes, and reads until the client has closed too: closing a socket with unread bytes resets
/// it, and the client may lose what was sent last.
async fn close(socket: StdTcpStream, connection: Connection<TcpStream, Bytes>) -> io::Result<()> {
    let reader = socket.try_clone()?;
    socket.shutdown(Shutdown::Write)?;
    // It would send its own GOAWAY, which is too late here.
    drop(connection);
    let mut reader = TcpStream::from_std(reader)?;
    let drain = async {
        let mut rest = [0; 16 * 1024];
        while matches!(reader.read(&mut rest).await, Ok(1..)) {}
    };
    _ = timeout(PATIENCE, drain).await;
    Ok(())
}

/// Writes a GOAWAY (RFC 9113 section 6.8) without an error, whose last stream is this one.
///
/// h2 chooses the last stream by itself, so this writes to the socket directly. The frame falls
/// between two of h2's, because h2 writes frames whole while the socket has room, and the small
/// responses of these cases never fill it. If there is no room, the write and the case fail.
fn goaway(socket: &mut StdTcpStream, last: u32) -> io::Result<()> {
    let mut frame = vec![0, 0, 8, 7, 0, 0, 0, 0, 0];
    frame.extend(last.to_be_bytes());
    frame.extend(0_u32.to_be_bytes());
    socket.write_all(&frame)
}

async fn answer(
    plan: Plan,
    mut request: Received,
    mut body: RecvStream,
    mut respond: SendResponse<Bytes>,
    shared: &Shared,
) -> io::Result<After> {
    match plan {
        Plan::Answer(answer) => {
            read(&mut request, &mut body).await?;
            shared.record(request);
            send(&mut respond, &answer, None).await?;
        }
        Plan::AnswerWithTrailers(answer, trailers) => {
            read(&mut request, &mut body).await?;
            shared.record(request);
            send(&mut respond, &answer, Some(trailers)).await?;
        }
        Plan::Hold {
            arrived,
            opened,
            answer,
        } => {
            read(&mut request, &mut body).await?;
            shared.record(request);
            arrived.raise();
            wait(&opened).await?;
            send(&mut respond, &answer, None).await?;
        }
        Plan::AnswerEarly(answer) => {
            shared.record(request);
            // After the response, h2 resets the stream without an error (RFC 9113 section 8.1).
            send(&mut respond, &answer, None).await?;
        }
        Plan::UntilReset {
            arrived,
            dropped,
            first,
            reset,
        } => {
            read(&mut request, &mut body).await?;
            shared.record(request);
            arrived.raise();
            wait(&dropped).await?;
            let is_reset = match first {
                First::Nothing => is_reset(PATIENCE, |cx| respond.poll_reset(cx)).await,
                First::Piece if is_reset(GLANCE, |cx| respond.poll_reset(cx)).await => {
                    shared.complain("a client that resets its stream before the next byte");
                    true
                }
                First::Piece => {
                    let (head, _) = Answer::new(200).response().map_err(io::Error::other)?;
                    let mut stream = respond.send_response(head, false).map_err(legal)?;
                    let piece = Bytes::from_static(b"piece");
                    stream.send_data(piece, false).map_err(legal)?;
                    is_reset(PATIENCE, |cx| stream.poll_reset(cx)).await
                }
            };
            if !is_reset {
                shared.complain("a client that never resets its stream");
            }
            reset.raise();
        }
        Plan::Refuse => respond.send_reset(Reason::REFUSED_STREAM),
        Plan::GoAwayAndClose => {
            read(&mut request, &mut body).await?;
            shared.record(request);
            return Ok(After::Close(respond));
        }
        // The connection's error.
        Plan::GoAwayBefore => {}
    }
    Ok(After::More)
}

/// Whether the client resets the stream within this time.
async fn is_reset(
    patience: Duration,
    poll: impl FnMut(&mut Context<'_>) -> Poll<Result<Reason, h2::Error>>,
) -> bool {
    matches!(timeout(patience, poll_fn(poll)).await, Ok(Ok(_)))
}

/// Reads the rest of a request: its body and its trailers.
async fn read(request: &mut Received, body: &mut RecvStream) -> io::Result<()> {
    while let Some(piece) = timeout(PATIENCE, body.data()).await? {
        let piece = piece.map_err(legal)?;
        // Opens the window again by what was read.
        let released = body.flow_control().release_capacity(piece.len());
        released.map_err(legal)?;
        request.body.extend_from_slice(&piece);
    }
    if let Some(trailers) = timeout(PATIENCE, body.trailers()).await?.map_err(legal)? {
        request.trailers = lines(&trailers);
    }
    Ok(())
}

async fn send(
    respond: &mut SendResponse<Bytes>,
    answer: &Answer,
    trailers: Option<http::HeaderMap>,
) -> io::Result<()> {
    let (head, mut body) = answer.response().map_err(io::Error::other)?;
    let ends = body.is_empty() && trailers.is_none();
    let mut stream = respond.send_response(head, ends).map_err(legal)?;
    while !body.is_empty() {
        stream.reserve_capacity(body.len());
        let capacity = timeout(PATIENCE, capacity(&mut stream)).await??;
        let piece = body.split_to(capacity.min(body.len()));
        let last = body.is_empty() && trailers.is_none();
        stream.send_data(piece, last).map_err(legal)?;
    }
    if let Some(trailers) = trailers {
        stream.send_trailers(trailers).map_err(legal)?;
    }
    Ok(())
}

/// How many bytes the client's window allows.
async fn capacity(stream: &mut SendStream<Bytes>) -> io::Result<usize> {
    match poll_fn(|context| stream.poll_capacity(context)).await {
        Some(capacity) => capacity.map_err(legal),
        None => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

/// Waits until the signal is raised, for longer than the client may take to cause it.
pub(super) async fn wait(signal: &Signal) -> io::Result<()> {
    Ok(timeout(3 * PATIENCE, signal.reached(1)).await?)
}

/// Records the head of a request.
pub(super) fn head(parts: &Parts, connection: usize) -> Received {
    let target = parts.uri.path_and_query();
    let framing = match parts.headers.get(http::header::CONTENT_LENGTH) {
        Some(length) => length.to_str().ok().and_then(|length| length.parse().ok()),
        None => None,
    };
    Received {
        connection,
        before: 0,
        version: parts.version,
        method: parts.method.to_string(),
        target: target.map_or_else(String::new, ToString::to_string),
        headers: lines(&parts.headers),
        framing: framing.map_or(Framing::Nothing, Framing::Length),
        body: Vec::new(),
        trailers: Vec::new(),
    }
}

fn lines(headers: &http::HeaderMap) -> Vec<(String, Vec<u8>)> {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), value.as_bytes().to_vec())
    };
    headers.iter().map(line).collect()
}

/// Turns an error into an I/O error, of the kind `InvalidData` if the client violated HTTP/2.
fn legal(error: h2::Error) -> io::Error {
    if error.is_library() {
        return io::Error::new(io::ErrorKind::InvalidData, error);
    }
    io::Error::other(error)
}
