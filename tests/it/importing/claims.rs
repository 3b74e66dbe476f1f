//! Any sequence of claims, lost leases and pages counts each page once.

use std::collections::HashMap;

use api::{
    ids::WindowId,
    storage::{ImportStatus, StorageError, WindowRow, WindowStep},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use tests::{ids, on_every_backend};
use uuid::Uuid;

use super::support::{Queue, Tables, charge};

const WINDOWS: usize = 4;
const PAGES: usize = 3;
const PAGE: usize = 2;
const LEASE: i64 = 10;

/// What the database must be like, if it keeps its word.
#[derive(Default)]
struct Model {
    now: i64,
    /// The standing claim of each window: its fence, and when its lease ends.
    claims: HashMap<Uuid, (i64, i64)>,
    /// How many pages of each window were written.
    pages: HashMap<Uuid, usize>,
    sequence: i64,
}

/// A worker, with the windows that it believes to hold.
struct Worker {
    owner: Uuid,
    held: Vec<WindowRow>,
}

impl Model {
    fn holds(&self, window: &WindowRow) -> bool {
        self.claims
            .get(&window.id)
            .is_some_and(|claim| claim.0 == window.fence)
    }

    async fn claim(&mut self, queue: &Queue, worker: &mut Worker) {
        for window in queue.take(worker.owner, self.now, 2).await {
            if let Some((fence, until)) = self.claims.get(&window.id) {
                assert!(
                    *until < self.now,
                    "a window was claimed before its lease ended"
                );
                assert!(window.fence > *fence, "the fence did not rise");
            }
            self.claims
                .insert(window.id, (window.fence, self.now + LEASE));
            worker.held.push(window);
        }
    }

    async fn renew(&mut self, queue: &Queue, worker: &Worker) {
        let held: Vec<_> = worker
            .held
            .iter()
            .map(|window| WindowId(window.id))
            .collect();
        queue
            .store
            .renew_leases(Queue::claim(worker.owner, self.now), &held)
            .await
            .unwrap();
        for window in &worker.held {
            if let Some(claim) = self
                .claims
                .get_mut(&window.id)
                .filter(|c| c.0 == window.fence)
            {
                claim.1 = self.now + LEASE;
            }
        }
    }

    async fn release(&mut self, queue: &Queue, window: &WindowRow) {
        let answer = queue
            .store
            .release_window(window, Queue::at(self.now), 1)
            .await;
        assert_eq!(answer.is_ok(), self.holds(window), "{answer:?}");
        if answer.is_ok() {
            self.claims.remove(&window.id);
        }
    }

    /// Writes the page that the worker believes to be next; the window as it goes on, where it does.
    async fn write(&mut self, queue: &Queue, mut window: WindowRow) -> Option<WindowRow> {
        let page = window
            .cursor
            .as_deref()
            .map_or(0, |cursor| cursor.parse::<usize>().unwrap());
        let charges: Vec<_> = (0..PAGE)
            .map(|place| charge(&format!("ch_{}_{page}_{place}", window.id.simple()), 1))
            .collect();
        let rows = queue.page(&charges, Queue::at(0));
        let (cursor, last) = ((page + 1).to_string(), page + 1 == PAGES);
        let step = if last {
            WindowStep::Done { oldest: None }
        } else {
            Queue::more(&cursor)
        };
        match queue
            .store
            .commit_page(&window, step, rows, Queue::at(self.now))
            .await
        {
            Ok(committed) => {
                let import = committed.import;
                assert!(self.holds(&window), "a page was written without a claim");
                assert!(import.sequence > self.sequence, "the sequence did not rise");
                self.sequence = import.sequence;
                let written = self.pages.entry(window.id).or_default();
                assert_eq!(*written, page, "a page was written twice or left out");
                *written += 1;
                if last {
                    self.claims.remove(&window.id);
                }
            }
            Err(error) => {
                assert!(matches!(error, StorageError::LeaseLost), "{error:?}");
                assert!(
                    !self.holds(&window),
                    "a page was refused to the window's holder"
                );
                return None;
            }
        }
        window.cursor = Some(cursor);
        (!last).then_some(window)
    }
}

async fn act(queue: &Queue, model: &mut Model, worker: &mut Worker, dice: &mut StdRng) {
    let pick = (!worker.held.is_empty()).then(|| dice.random_range(0..worker.held.len()));
    match (dice.random_range(0..10), pick) {
        (0 | 1, _) => model.claim(queue, worker).await,
        (2, _) => model.now += LEASE + 1,
        (3, _) => model.now += LEASE / 2,
        (4, _) => model.renew(queue, worker).await,
        (5, Some(pick)) => {
            let window = worker.held.swap_remove(pick);
            model.release(queue, &window).await;
        }
        (_, Some(pick)) => {
            let window = worker.held.swap_remove(pick);
            let next = model.write(queue, window).await;
            worker.held.extend(next);
        }
        (_, None) => model.claim(queue, worker).await,
    }
}

on_every_backend! {
    async fn whatever_claims_and_expiries_come_each_page_counts_once(world: &World) {
        let mut dice = StdRng::seed_from_u64(20);
        for _ in 0..6 {
            let queue = Queue::of_windows(world, WINDOWS).await;
            let mut model = Model::default();
            let mut workers: Vec<_> =
                (0..3).map(|_| Worker { owner: ids().next(), held: Vec::new() }).collect();

            while model.pages.values().sum::<usize>() < WINDOWS * PAGES {
                let who = dice.random_range(0..workers.len());
                act(&queue, &mut model, &mut workers[who], &mut dice).await;
            }

            let (import, windows) = queue.now().await;
            let all = i64::try_from(WINDOWS * PAGES * PAGE).unwrap();
            let each = i64::try_from(PAGES * PAGE).unwrap();
            assert_eq!(import.status, ImportStatus::Succeeded);
            assert_eq!((import.imported_payments, import.imported_objects), (all, all));
            assert!(windows.iter().all(|window| window.imported_objects == each));
        }
        let stored = Tables::open(&world.database_url()).await.ids("payments").await;
        assert_eq!(stored.len(), 6 * WINDOWS * PAGES * PAGE);
    }
}
