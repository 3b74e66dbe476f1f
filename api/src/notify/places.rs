//! How many messages are under way to each endpoint.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ids::NotificationEndpointId;

/// Places for messages under way.
#[derive(Clone)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    each: usize,
    taken: Arc<Mutex<HashMap<NotificationEndpointId, usize>>>,
}

/// A message's place; free again when dropped.
pub(super) struct Place {
    places: Places,
    endpoint: NotificationEndpointId,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    /// So many places in all, and so many for one endpoint.
    pub(super) fn new(all: usize, each: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all)),
            each,
            taken: Arc::default(),
        }
    }

    /// As many places for an endpoint as are free.
    pub(super) fn take(&self, endpoint: NotificationEndpointId) -> Vec<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.get(&endpoint).copied().unwrap_or_default();
        let permits =
            (count..self.each).map_while(|_| Arc::clone(&self.all).try_acquire_owned().ok());
        let place = |permit| Place {
            places: self.clone(),
            endpoint,
            _permit: permit,
        };
        let places: Vec<Place> = permits.map(place).collect();
        if !places.is_empty() {
            taken.insert(endpoint, count + places.len());
        }
        places
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let taken = self.places.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.endpoint) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.endpoint);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_endpoint_takes_no_more_than_its_share_and_all_no_more_than_there_are() {
        let places = Places::new(5, 2);
        let endpoint = |number| NotificationEndpointId(Uuid::from_u128(number));

        let mut first = places.take(endpoint(1));
        let second = places.take(endpoint(2));
        let third = places.take(endpoint(3));

        assert_eq!((first.len(), second.len(), third.len()), (2, 2, 1));
        assert!(places.take(endpoint(1)).is_empty());
        first.pop();
        assert!(places.take(endpoint(2)).is_empty(), "its share is taken");
        assert_eq!(places.take(endpoint(1)).len(), 1);
        drop((first, second, third));
        assert_eq!(places.take(endpoint(1)).len(), 2);
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
