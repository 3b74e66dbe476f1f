//! The handle on a running sandbox.

mod live;
mod platforms;
mod reports;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::account::{Account, AccountSpec, Entry};
use crate::delivery;
use crate::faults::Faults;
use crate::key::Standing;
use crate::ledger::Ledger;
use crate::lock::{read, write};
use crate::options::Options;
use crate::permission::Grants;
use crate::record::RequestRecord;
use crate::resource::Resource;
use crate::seed;
use crate::server;
use crate::state::State;

/// A running sandbox; dropping it stops the server.
pub struct Sandbox {
    address: SocketAddr,
    state: Arc<State>,
    stop: CancellationToken,
    _stopped: DropGuard,
}

impl Sandbox {
    /// Starts a sandbox without accounts.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(options.listen)
            .await
            .with_context(|| format!("cannot listen on {}", options.listen))?;
        let address = listener.local_addr()?;
        let state = State::new(options.seed);
        let stop = CancellationToken::new();
        tokio::spawn(delivery::run(
            delivery::client()?,
            Arc::clone(&state),
            stop.clone(),
        ));
        tokio::spawn(server::serve(listener, Arc::clone(&state), stop.clone()));
        Ok(Self {
            address,
            state,
            _stopped: stop.clone().drop_guard(),
            stop,
        })
    }

    /// Where it listens, as `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes an account, seeds its history and returns its id.
    #[expect(clippy::needless_pass_by_value, reason = "specs are written in place")]
    #[must_use]
    pub fn add_account(&self, account: AccountSpec) -> String {
        self.state.add_account(&account)
    }

    /// Gives an account another history in the place of the one it has; everything else about it stays.
    pub fn fill(&self, account: &str, spec: &AccountSpec) {
        self.with(account, |account| {
            *write(&account.books) = seed::books(spec, &account.id);
        });
    }

    /// Makes a restricted key of an account, in the account's mode; empty for an account that does not exist.
    #[expect(clippy::needless_pass_by_value, reason = "grants are written in place")]
    #[must_use]
    pub fn create_key(&self, account: &str, grants: Grants) -> String {
        self.state
            .account(account)
            .map_or_else(String::new, |account| {
                self.state.create_key(&account, Some(&grants))
            })
    }

    /// Makes a secret key of an account, which may do everything.
    #[must_use]
    pub fn create_secret_key(&self, account: &str) -> String {
        self.state
            .account(account)
            .map_or_else(String::new, |account| self.state.create_key(&account, None))
    }

    /// Replaces the permissions of a key.
    #[expect(clippy::needless_pass_by_value, reason = "grants are written in place")]
    pub fn grant(&self, key: &str, grants: Grants) {
        self.state
            .change_key(key, |key| key.permissions = Some(grants.permissions()));
    }

    /// Makes a key unknown.
    pub fn revoke_key(&self, key: &str) {
        self.state
            .change_key(key, |key| key.standing = Standing::Revoked);
    }

    /// Lets a key expire.
    pub fn expire_key(&self, key: &str) {
        self.state
            .change_key(key, |key| key.standing = Standing::Expired);
    }

    /// Gives a key an access policy that leaves our address out.
    pub fn restrict_key_to_other_ips(&self, key: &str) {
        self.state
            .change_key(key, |key| key.standing = Standing::OtherIps);
    }

    /// Makes a revoked, expired or restricted key good again.
    pub fn restore_key(&self, key: &str) {
        self.state
            .change_key(key, |key| key.standing = Standing::Good);
    }

    /// Lets the keys of a platform act on an account by `Stripe-Account`.
    pub fn connect(&self, platform: &str, account: &str) {
        self.state.connect(platform, account);
    }

    /// Takes a platform's access to an account back.
    pub fn disconnect(&self, platform: &str, account: &str) {
        self.state.disconnect(platform, account);
    }

    /// The truth about an account; empty for one that does not exist.
    #[must_use]
    pub fn ledger(&self, account: &str) -> Ledger {
        self.with(account, |account| Ledger::of(&read(&account.books)))
            .unwrap_or_default()
    }

    /// The faults to steer.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Every request so far, in the order in which they were answered.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.requests.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.state.requests.clear();
    }

    /// Puts any text into a list as an object, or in place of the object of that id.
    pub fn insert_raw(
        &self,
        account: &str,
        resource: Resource,
        id: &str,
        created: i64,
        json: String,
    ) {
        self.with(account, |account| {
            write(&account.books)
                .shelf_mut(resource)
                .put(Entry::new(id, created, json));
        });
    }

    /// Changes one charge.
    pub fn update_charge(&self, account: &str, charge_id: &str, change: impl FnOnce(&mut Value)) {
        self.update(account, Resource::Charge, charge_id, change);
    }

    /// Changes one object of any resource; what is not there or not JSON stays as it is.
    pub fn update(
        &self,
        account: &str,
        resource: Resource,
        id: &str,
        change: impl FnOnce(&mut Value),
    ) {
        self.with(account, |account| {
            let mut books = write(&account.books);
            let kept = books.shelf_mut(resource);
            let Some(entry) = kept.find(id) else { return };
            let Ok(mut object) = serde_json::from_str(&entry.json) else {
                return;
            };
            change(&mut object);
            let created = object["created"].as_i64().unwrap_or(entry.created);
            let payout = entry.payout.clone();
            let mut changed = Entry::new(id, created, object.to_string());
            changed.payout = payout;
            kept.put(changed);
        });
    }

    /// Gives an account all that another one holds, in place of what it holds.
    pub fn copy_books(&self, from: &str, to: &str) {
        let books = self.with(from, |account| read(&account.books).clone());
        if let Some(books) = books {
            self.with(to, |account| *write(&account.books) = books);
        }
    }

    /// Puts balance transactions into a payout: its list holds them from now on.
    pub fn put_into_payout(&self, account: &str, payout: &str, transactions: &[String]) {
        self.with(account, |account| {
            let mut books = write(&account.books);
            let kept = books.shelf_mut(Resource::BalanceTransaction);
            for id in transactions {
                let Some(entry) = kept.find(id) else { continue };
                let mut paid = entry.clone();
                paid.payout = Some(payout.into());
                kept.put(paid);
            }
        });
    }

    /// Takes an object away: it is as if it had never been.
    pub fn remove(&self, account: &str, resource: Resource, id: &str) {
        self.with(account, |account| {
            write(&account.books).shelf_mut(resource).remove(id);
        });
    }

    /// One object as it is answered.
    #[must_use]
    pub fn object(&self, account: &str, resource: Resource, id: &str) -> Option<Value> {
        self.with(account, |account| {
            let books = read(&account.books);
            books
                .shelf(resource)
                .find(id)
                .and_then(|entry| serde_json::from_str(&entry.json).ok())
        })
        .flatten()
    }

    fn with<T>(&self, account: &str, act: impl FnOnce(&Account) -> T) -> Option<T> {
        self.state.account(account).map(|account| act(&account))
    }
}
