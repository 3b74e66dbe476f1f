//! The clients, in a process of their own: they say when they are open, and in the end how long messages were under way.

use std::{
    cell::RefCell,
    io::{BufRead, Write},
    net::SocketAddr,
    rc::Rc,
};

use api::clock::{Clock, SystemClock};
use serde_json::json;
use tokio::{sync::oneshot, task::LocalSet};

use crate::{arguments::Arguments, frames::Frames, told::Told};

/// Sockets that are opened at once: more would wait in the kernel's queue.
const AT_ONCE: usize = 64;

/// What every client watches: a dashboard's progress bar.
pub(crate) const WATCH: &str = "subscription Watch($id: ID!) { importProgress(connectionId: $id) {
    importId status sequence importedPayments importedObjects percentComplete paymentsPerSecond etaSeconds currentTrouble updatedAt
    resources { resource status importedObjects percentComplete } } }";

/// What the time of publishing is told in.
const FIELD: &[u8] = br#""importedPayments":""#;

pub(crate) async fn run(address: SocketAddr, arguments: &Arguments) {
    let micros = Rc::new(RefCell::new(Vec::new()));
    let tasks = LocalSet::new();
    let opening = async {
        let mut opened = 0;
        while opened < arguments.sockets {
            let many = AT_ONCE.min(arguments.sockets - opened);
            let batch = (0..many).map(|_| open(address, arguments));
            for frames in futures_util::future::join_all(batch).await {
                let frames = frames.expect("a socket");
                tokio::task::spawn_local(follow(frames, Rc::clone(&micros)));
            }
            opened += many;
        }
    };
    let work = async {
        opening.await;
        say("open");
        asked().await;
        let times = micros.take();
        say(&Told::of(times).write());
        asked().await;
    };
    tasks.run_until(work).await;
}

async fn open(address: SocketAddr, arguments: &Arguments) -> std::io::Result<Frames> {
    let mut frames = Frames::open(address).await?;
    let bearer = format!("Bearer {}", arguments.token);
    let init = json!({ "type": "connection_init", "payload": { "Authorization": bearer } });
    frames.send(&init.to_string()).await?;
    frames.next().await?;
    if !arguments.connection.is_empty() {
        let variables = json!({ "id": arguments.connection });
        let payload = json!({ "query": WATCH, "variables": variables });
        let subscribe = json!({ "id": "1", "type": "subscribe", "payload": payload });
        frames.send(&subscribe.to_string()).await?;
        // Where the import stands.
        let first = frames.next().await?;
        if !first.windows(FIELD.len()).any(|bytes| bytes == FIELD) {
            return Err(std::io::Error::other(
                String::from_utf8_lossy(&first).into_owned(),
            ));
        }
    }
    Ok(frames)
}

/// Notes how long each message was under way.
async fn follow(mut frames: Frames, micros: Rc<RefCell<Vec<u64>>>) {
    while let Ok(message) = frames.next().await {
        let now = now();
        if let Some(sent) = sent(&message) {
            micros.borrow_mut().push(now.saturating_sub(sent));
        }
    }
}

/// When a message was published.
fn sent(message: &[u8]) -> Option<u64> {
    let at = message
        .windows(FIELD.len())
        .position(|bytes| bytes == FIELD)?;
    let digits = message[at + FIELD.len()..]
        .split(|byte| *byte == b'"')
        .next()?;
    str::from_utf8(digits).ok()?.parse().ok()
}

/// Microseconds on the clock that the bench publishes by.
pub(crate) fn now() -> u64 {
    SystemClock
        .now()
        .timestamp_micros()
        .try_into()
        .expect("a time after 1970")
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .expect("the bench reads");
}

/// Waits for a line of the bench.
async fn asked() {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let read = std::io::stdin().lock().read_line(&mut String::new());
        let _ = tell.send(read.is_ok());
    });
    told.await.expect("the bench asks");
}
