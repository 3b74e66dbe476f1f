//! What happens to an account while the sandbox runs: changes of its objects, and the events that tell of them.

mod act;
mod change;
mod debit;
mod dispute;
mod hold;
mod pay;
mod refund;
mod stage;
mod traffic;

use std::sync::Arc;

pub use act::{Act, Acted, Impossible, PaymentSpec};
use stage::Stage;
pub(crate) use traffic::Traffic;
pub use traffic::{TrafficReport, TrafficSpec};

use crate::account::Account;
use crate::event::emit;
use crate::lock::{lock, write};
use crate::seed::Ending;
use crate::state::State;

/// Changes an account and tells of it; an impossible act changes nothing.
pub(crate) fn act(state: &State, account: &Arc<Account>, wish: Act) -> Result<Acted, Impossible> {
    let mut books = write(&account.books);
    let mut making = lock(&account.maker);
    let now = state.clock.now().timestamp();
    let mut scene = Stage::new(&books, making.at(now), now, account.livemode);
    if wish.is_requested() {
        scene.requested_by(state.token("req_", 14));
    }
    let ids = play(&mut scene, wish);
    let movements = scene.maker.take();
    let (id, payment_intent) = ids?;
    let (written, deleted, drafts) = scene.end();
    for (resource, entry) in movements.into_iter().chain(written) {
        books.shelf_mut(resource).put(entry);
    }
    for (resource, id) in deleted {
        books.delete(resource, &id);
    }
    // Still under the lock, so that events are listed in the order of the changes.
    let events = emit(state, account, drafts);
    Ok(Acted {
        id,
        payment_intent,
        events,
    })
}

/// The id of what was made or changed, and the intent that it belongs to.
type Ids = (String, Option<String>);

fn play(stage: &mut Stage<'_>, act: Act) -> Result<Ids, Impossible> {
    match act {
        Act::Begin(spec) => pay::begin(stage, spec),
        Act::Pay(spec) => pay::pay(stage, spec, Ending::Captured),
        Act::PayLater(spec) => pay::pay(stage, spec, Ending::Held),
        Act::Fail(spec) => pay::pay(stage, spec, Ending::Declined),
        Act::PayByDebit(spec) => pay::pay(stage, spec, Ending::Pending),
        Act::Cancel(intent) => pay::cancel(stage, &intent),
        Act::Capture(charge) => hold::capture(stage, &charge),
        Act::Expire(charge) => hold::expire(stage, &charge),
        Act::SettleFees(charge) => hold::settle(stage, &charge),
        Act::ClearDebit { charge, paid } => debit::clear(stage, &charge, paid),
        Act::ReturnDebit(charge) => debit::take_back(stage, &charge),
        Act::Refund { charge, amount } => refund::refund(stage, &charge, amount),
        Act::FailRefund(refund) => refund::fail(stage, &refund),
        Act::Dispute(charge) => dispute::open(stage, &charge),
        Act::CloseDispute { dispute, won } => dispute::close(stage, &dispute, won),
        Act::Change {
            resource,
            id,
            event_type,
            change,
        } => change::change(stage, resource, id, &event_type, &change),
    }
}
