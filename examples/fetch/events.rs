//! Prints the session's events, for `--verbose`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use indicatif::ProgressBar;
use reauth_reqwest::reauth::{Event, EventKind};

use crate::explain::explain;

/// How many events may wait for a slow reader of standard error.
const WAITING: usize = 1024;

/// A thread that prints events, so that the session never waits for a slow reader.
pub(crate) struct Events {
    sender: SyncSender<Option<Event>>,
    lost: Arc<AtomicU64>,
    writer: JoinHandle<()>,
}

impl Events {
    pub(crate) fn write_beside(bar: ProgressBar) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        Self {
            sender,
            lost: Arc::default(),
            writer: thread::spawn(move || write(&receiver, &bar)),
        }
    }

    /// A listener for `SessionBuilder::on_event`, which never blocks.
    pub(crate) fn listener(&self) -> impl Fn(&Event) + Send + Sync + 'static {
        let (sender, lost) = (self.sender.clone(), Arc::clone(&self.lost));
        move |event| match sender.try_send(Some(event.clone())) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => _ = lost.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Prints everything that happened so far, and ends the thread.
    pub(crate) fn close(self) {
        _ = self.sender.send(None);
        _ = self.writer.join();
        let lost = self.lost.load(Ordering::Relaxed);
        if lost > 0 {
            eprintln!("{lost} events were not written: standard error was read too slowly");
        }
    }
}

fn write(events: &Receiver<Option<Event>>, bar: &ProgressBar) {
    while let Ok(Some(event)) = events.recv() {
        bar.suspend(|| eprintln!("event {}: {}", event.number, told(&event.kind)));
    }
}

fn told(kind: &EventKind) -> String {
    match kind {
        EventKind::Refreshed { generation } => format!("refreshed, generation {generation}"),
        EventKind::RefreshFailed {
            generation, error, ..
        } => {
            format!(
                "refresh failed after generation {generation}: {}",
                explain(error)
            )
        }
        EventKind::Adopted { generation } => {
            format!("another session has refreshed, generation {generation}")
        }
        EventKind::ClaimedElsewhere { holder, .. } => {
            format!("another session is refreshing: {holder}")
        }
        EventKind::SignedInElsewhere { generation } => {
            format!("another session was signed in, generation {generation}")
        }
        EventKind::SignedOutElsewhere { generation } => {
            format!("another session was signed out, generation {generation}")
        }
        EventKind::Saved => "saved".to_owned(),
        EventKind::SaveFailed { error } => format!("not saved: {}", explain(error)),
        EventKind::SignedIn { generation } => format!("signed in, generation {generation}"),
        EventKind::SignedOut { generation } => format!("signed out, generation {generation}"),
        EventKind::Replayed { generation } => format!("replayed with generation {generation}"),
        EventKind::ReplayRefused { generation, reason } => {
            format!("not replayed, generation {generation}: {reason}")
        }
        EventKind::Revoked => "revoked".to_owned(),
        EventKind::RevocationFailed { error } => format!("not revoked: {}", explain(error)),
        other => format!("{other:?}"),
    }
}
