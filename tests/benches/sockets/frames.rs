//! As much of WebSocket as a light client needs: texts out, whatever comes in.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The largest message that is understood.
const LARGEST: usize = 16 * 1_024;

/// A frame's first byte: a text, and the answer to a ping.
const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
const CLOSE: u8 = 0x88;

/// A client's end of a socket.
pub(crate) struct Frames {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Frames {
    /// Opens a socket.
    pub(crate) async fn open(address: std::net::SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut frames = Self {
            stream,
            buffer: Vec::new(),
        };
        let request = format!(
            "GET /graphql/ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        );
        frames.stream.write_all(request.as_bytes()).await?;
        loop {
            frames.read().await?;
            let head = frames
                .buffer
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n");
            if let Some(head) = head {
                if !frames.buffer.starts_with(b"HTTP/1.1 101") {
                    let answer = String::from_utf8_lossy(&frames.buffer).into_owned();
                    return Err(std::io::Error::other(answer));
                }
                frames.buffer.drain(..head + 4);
                return Ok(frames);
            }
        }
    }

    /// Sends a text.
    pub(crate) async fn send(&mut self, text: &str) -> std::io::Result<()> {
        self.write(TEXT, text.as_bytes()).await
    }

    /// The next text; pings are answered.
    pub(crate) async fn next(&mut self) -> std::io::Result<Vec<u8>> {
        loop {
            let Some((kind, begin, end)) = frame(&self.buffer)? else {
                self.read().await?;
                continue;
            };
            let payload = self.buffer[begin..end].to_vec();
            self.buffer.drain(..end);
            match kind {
                TEXT => return Ok(payload),
                PING => self.write(PONG, &payload).await?,
                CLOSE => return Err(std::io::Error::other("the socket was closed")),
                _ => {}
            }
        }
    }

    /// A frame that is masked with zeros (RFC 6455 section 5.2).
    async fn write(&mut self, kind: u8, payload: &[u8]) -> std::io::Result<()> {
        let length = u16::try_from(payload.len()).map_err(std::io::Error::other)?;
        let mut frame = vec![kind];
        if let Ok(short @ 0..126) = u8::try_from(length) {
            frame.push(0x80 | short);
        } else {
            frame.push(0x80 | 0x7e);
            frame.extend(length.to_be_bytes());
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.write_all(&frame).await
    }

    async fn read(&mut self) -> std::io::Result<()> {
        let mut chunk = [0; 2_048];
        let count = self.stream.read(&mut chunk).await?;
        if count == 0 || self.buffer.len() > LARGEST {
            return Err(std::io::Error::other("the socket has ended"));
        }
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(())
    }
}

/// The kind of the first frame and where its payload is; none where it is not whole yet.
fn frame(bytes: &[u8]) -> std::io::Result<Option<(u8, usize, usize)>> {
    let [kind, length, rest @ ..] = bytes else {
        return Ok(None);
    };
    let (begin, length) = match (length, rest) {
        (126, [high, low, ..]) => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        (126, _) => return Ok(None),
        (127.., _) => return Err(std::io::Error::other("a message is too large")),
        (length, _) => (2, usize::from(*length)),
    };
    let end = begin + length;
    Ok((bytes.len() >= end).then_some((*kind, begin, end)))
}
