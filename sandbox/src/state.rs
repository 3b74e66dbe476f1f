//! Everything that a sandbox knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, RwLock};

use crate::account::{Account, AccountSpec};
use crate::faults::Faults;
use crate::key::{Key, Standing};
use crate::lock::{lock, read, write};
use crate::permission::Grants;
use crate::record::Recorder;
use crate::seed::Dice;

/// The accounts, keys, faults and requests of a sandbox.
pub(crate) struct State {
    accounts: RwLock<BTreeMap<String, Arc<Account>>>,
    keys: RwLock<HashMap<String, Key>>,
    /// Which platforms were let into which accounts.
    connections: RwLock<BTreeSet<(String, String)>>,
    dice: Mutex<Dice>,
    pub(crate) faults: Faults,
    pub(crate) requests: Recorder,
}

impl State {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            accounts: RwLock::default(),
            keys: RwLock::default(),
            connections: RwLock::default(),
            dice: Mutex::new(Dice::new(seed)),
            faults: Faults::new(seed),
            requests: Recorder::default(),
        }
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

    /// Makes a key of the account; without grants it is a secret key.
    pub(crate) fn create_key(&self, account: &Account, grants: Option<&Grants>) -> String {
        let kind = if grants.is_some() { "rk" } else { "sk" };
        let mode = if account.livemode { "live" } else { "test" };
        let secret = self.token(&format!("{kind}_{mode}_51"), 40);
        let key = Key {
            account: account.id.clone(),
            permissions: grants.map(Grants::permissions),
            standing: Standing::Good,
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

    pub(crate) fn connect(&self, platform: &str, account: &str) {
        write(&self.connections).insert((platform.to_owned(), account.to_owned()));
    }

    pub(crate) fn disconnect(&self, platform: &str, account: &str) {
        write(&self.connections).remove(&(platform.to_owned(), account.to_owned()));
    }

    pub(crate) fn is_connected(&self, platform: &str, account: &str) -> bool {
        read(&self.connections).contains(&(platform.to_owned(), account.to_owned()))
    }
}
