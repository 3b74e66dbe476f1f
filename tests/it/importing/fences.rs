//! Whoever lost a lease writes nothing, and a lease is had by one at a time.

use std::collections::BTreeMap;

use api::{
    ids::WindowId,
    storage::{PageRows, StorageError, WindowState, WindowStep},
};
use tests::{ids, on_every_backend};

use super::support::{Queue, Tables, charge};

fn lost<T: std::fmt::Debug>(answer: &Result<T, StorageError>) {
    assert!(matches!(answer, Err(StorageError::LeaseLost)), "{answer:?}");
}

on_every_backend! {
    async fn a_page_of_a_claim_that_was_taken_over_is_not_written(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let (slow, quick) = (ids().next(), ids().next());
        let stale = queue.take(slow, 0, 1).await.remove(0);
        let fresh = queue.take(quick, 20, 1).await.remove(0);
        let before = queue.now().await;

        let page = queue.page(&[charge("ch_stale", 1)], Queue::at(0));
        let late = queue.store.commit_page(&stale, WindowStep::Done { oldest: None }, page, Queue::at(21)).await;
        let after = queue.now().await;
        let page = queue.page(&[charge("ch_fresh", 2)], Queue::at(0));
        let ended = queue.store.commit_page(&fresh, WindowStep::Done { oldest: None }, page, Queue::at(22)).await;

        lost(&late);
        assert_eq!(after, before);
        assert_eq!((stale.fence, fresh.fence), (1, 2));
        assert_eq!(ended.unwrap().import.imported_payments, 1);
        let stored = Tables::open(&world.database_url()).await.ids("payments").await;
        assert_eq!(stored.into_iter().collect::<Vec<_>>(), ["ch_fresh"]);
    }

    async fn nothing_else_is_written_for_a_claim_that_was_taken_over(world: &World) {
        let queue = Queue::of_windows(world, 2).await;
        let stale = queue.take(ids().next(), 0, 1).await.remove(0);
        queue.take(ids().next(), 20, 2).await;
        let before = queue.now().await;

        let older = world.server.app.gateway.older_parts(&stale, &[Queue::at(-600)]);
        let dividing = Queue::dividing("ch_1", older);
        lost(&queue.store.commit_page(&stale, dividing, PageRows::default(), Queue::at(21)).await);
        lost(&queue.store.skip_resource(&stale, None, Queue::at(21)).await);
        lost(&queue.store.release_window(&stale, Queue::at(21), 3).await);
        lost(&queue.store.rewind_window(&stale, Queue::at(21), 1).await);

        assert_eq!(queue.now().await, before);
    }

    async fn a_lease_stands_until_its_end_and_longer_when_it_is_renewed(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let (owner, other) = (ids().next(), ids().next());
        let held = [WindowId(queue.take(owner, 0, 1).await[0].id)];

        let early = queue.take(other, 10, 1).await.len();
        queue.store.renew_leases(Queue::claim(owner, 9), &held).await.unwrap();
        let renewed = queue.take(other, 19, 1).await.len();
        let after_its_end = queue.take(other, 20, 1).await.len();
        let before = queue.now().await;
        queue.store.renew_leases(Queue::claim(owner, 25), &held).await.unwrap();

        assert_eq!((early, renewed, after_its_end), (0, 0, 1));
        assert_eq!(queue.now().await, before, "whoever lost a lease renews it no more");
    }

    async fn many_that_claim_at_once_share_the_windows(world: &World) {
        let queue = Queue::of_windows(world, 20).await;
        let claims = (0..10).map(|_| {
            let owner = ids().next();
            let queue = &queue;
            async move { queue.take(owner, 0, 3).await }
        });

        let claimed = futures_util::future::join_all(claims).await;

        let mut times = BTreeMap::new();
        for window in claimed.iter().flatten() {
            *times.entry(window.id).or_insert(0) += 1;
        }
        assert!(claimed.iter().all(|windows| windows.len() <= 3));
        assert!(times.values().all(|count| *count == 1), "a window was claimed twice");
        let (_, windows) = queue.now().await;
        let running = windows.iter().filter(|window| window.state == WindowState::Running);
        assert_eq!(running.count(), times.len());
        assert!(!times.is_empty());
    }

    async fn the_windows_of_a_canceled_import_take_nothing_any_more(world: &World) {
        let queue = Queue::of_windows(world, 2).await;
        let held = queue.take(ids().next(), 0, 1).await.remove(0);
        let page = queue.page(&[charge("ch_1", 1)], Queue::at(0));
        queue.store.commit_page(&held, Queue::more("ch_1"), page, Queue::at(1)).await.unwrap();

        queue.store.cancel_import(queue.workspace, queue.import, Queue::at(2)).await.unwrap();
        let before = queue.now().await;
        let page = queue.page(&[charge("ch_2", 1)], Queue::at(0));
        lost(&queue.store.commit_page(&held, WindowStep::Done { oldest: None }, page, Queue::at(3)).await);
        lost(&queue.store.skip_resource(&held, None, Queue::at(3)).await);
        lost(&queue.store.release_window(&held, Queue::at(3), 1).await);

        assert_eq!(queue.take(ids().next(), 60, 9).await, []);
        assert_eq!(queue.now().await, before);
        assert!(before.1.iter().all(|window| window.state == WindowState::Abandoned));
        assert_eq!(Tables::open(&world.database_url()).await.count("payments").await, 1);
    }
}
