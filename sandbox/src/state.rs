//! Everything that a sandbox knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, RwLock};

use crate::account::{Account, AccountSpec};
use crate::clock::Clock;
use crate::delivery::Delivery;
use crate::event::Event;
use crate::faults::Faults;
use crate::key::{Key, Standing};
use crate::lock::{lock, read, write};
use crate::oauth::OAuth;
use crate::permission::Grants;
use crate::record::Recorder;
use crate::seed::Dice;

/// The accounts, keys, faults and requests of a sandbox.
pub(crate) struct State {
    accounts: RwLock<BTreeMap<String, Arc<Account>>>,
    keys: RwLock<HashMap<String, Key>>,
    /// Which platforms were let into an account, by the account.
    connections: RwLock<HashMap<String, BTreeSet<String>>>,
    dice: Mutex<Dice>,
    pub(crate) clock: Clock,
    pub(crate) oauth: OAuth,
    pub(crate) delivery: Delivery,
    pub(crate) faults: Faults,
    pub(crate) requests: Recorder,
}

impl State {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new_cyclic(|state| Self {
            accounts: RwLock::default(),
            keys: RwLock::default(),
            connections: RwLock::default(),
            dice: Mutex::new(Dice::new(seed)),
            clock: Clock::default(),
            oauth: OAuth::default(),
            delivery: Delivery::new(seed, state.clone()),
            faults: Faults::new(seed),
            requests: Recorder::default(),
        })
    }

    /// A random text of letters and digits behind a prefix.
    pub(crate) fn token(&self, prefix: &str, length: usize) -> String {
        format!("{prefix}{}", lock(&self.dice).letters(length))
    }

    pub(crate) fn add_account(&self, spec: &AccountSpec) -> String {
        let id = self.token("acct_1", 15);
        let account = Arc::new(Account::seeded(id.clone(), spec));
        write(&self.accounts).insert(id.clone(), account);
        id
    }

    pub(crate) fn account(&self, id: &str) -> Option<Arc<Account>> {
        read(&self.accounts).get(id).cloned()
    }

    /// The ids of all accounts.
    pub(crate) fn account_ids(&self) -> Vec<String> {
        read(&self.accounts).keys().cloned().collect()
    }

    /// All accounts.
    pub(crate) fn accounts(&self) -> Vec<Arc<Account>> {
        read(&self.accounts).values().cloned().collect()
    }

    /// Makes a key of the account; without grants it is a secret key.
    pub(crate) fn create_key(&self, account: &Account, grants: Option<&Grants>) -> String {
        let kind = if grants.is_some() { "rk" } else { "sk" };
        self.add_key(account, kind, grants, None)
    }

    /// Makes the token by which an app acts on an account.
    pub(crate) fn create_app_token(
        &self,
        account: &Account,
        platform: &str,
        expires: i64,
    ) -> String {
        let grants = Grants::app();
        let by = Some((platform.to_owned(), expires));
        self.add_key(account, "sk", Some(&grants), by)
    }

    fn add_key(
        &self,
        account: &Account,
        kind: &str,
        grants: Option<&Grants>,
        of_app: Option<(String, i64)>,
    ) -> String {
        let mode = if account.livemode { "live" } else { "test" };
        let secret = self.token(&format!("{kind}_{mode}_51"), 40);
        let key = Key {
            account: account.id.clone(),
            permissions: grants.map(Grants::permissions),
            standing: Standing::Good,
            of_app,
        };
        write(&self.keys).insert(secret.clone(), key);
        secret
    }

    pub(crate) fn key(&self, secret: &str) -> Option<Key> {
        read(&self.keys).get(secret).cloned()
    }

    pub(crate) fn change_key(&self, secret: &str, change: impl FnOnce(&mut Key)) {
        if let Some(key) = write(&self.keys).get_mut(secret) {
            change(key);
        }
    }

    /// Lets the tokens of all apps end at this second.
    pub(crate) fn expire_app_tokens(&self, now: i64) {
        for key in write(&self.keys).values_mut() {
            if let Some((_, expires)) = &mut key.of_app {
                *expires = now.min(*expires);
            }
        }
    }

    /// Lets a platform in; tells whether it was out before.
    pub(crate) fn connect(&self, platform: &str, account: &str) -> bool {
        let mut connections = write(&self.connections);
        let platforms = connections.entry(account.to_owned()).or_default();
        platforms.insert(platform.to_owned())
    }

    /// Takes a platform's access back; tells whether it was in before.
    pub(crate) fn disconnect(&self, platform: &str, account: &str) -> bool {
        write(&self.connections)
            .get_mut(account)
            .is_some_and(|platforms| platforms.remove(platform))
    }

    pub(crate) fn is_connected(&self, platform: &str, account: &str) -> bool {
        read(&self.connections)
            .get(account)
            .is_some_and(|platforms| platforms.contains(platform))
    }

    /// The platforms that were let into an account.
    pub(crate) fn platforms_in(&self, account: &str) -> Vec<String> {
        read(&self.connections)
            .get(account)
            .map_or_else(Vec::new, |platforms| platforms.iter().cloned().collect())
    }

    /// An event of any account, and the account that lists it.
    pub(crate) fn find_event(&self, id: &str) -> Option<(Arc<Account>, Arc<Event>)> {
        let now = self.clock.now().timestamp();
        self.accounts().into_iter().find_map(|account| {
            let event = lock(&account.events).find(id, now)?;
            Some((account, event))
        })
    }
}
