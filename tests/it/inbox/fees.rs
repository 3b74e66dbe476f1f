//! Fees that Stripe tells later.

use sandbox::{Act, PaymentSpec};
use tests::on_every_backend;

use super::support::{assert_like_stripe, live, settled, shown};

on_every_backend! {
    async fn fees_that_come_late_are_filled_in(world: &World) {
        let live = live(world, "Shop", 5).await;
        let paid = world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();
        let charge = paid.id;
        settled(world).await;
        assert!(shown(world, &live.connection).await[&charge]["fee"].is_null());

        world.stripe.act(&live.account, Act::SettleFees(charge.clone())).unwrap();
        settled(world).await;

        assert!(shown(world, &live.connection).await[&charge]["fee"].is_string());
        assert_like_stripe(world, &live).await;
    }

    async fn a_refund_and_a_dispute_show_on_their_payment(world: &World) {
        let live = live(world, "Shop", 5).await;
        let act = |act| world.stripe.act(&live.account, act).unwrap();
        let one = act(Act::Pay(PaymentSpec::default())).id;
        let two = act(Act::Pay(PaymentSpec::default())).id;
        act(Act::SettleFees(one.clone()));
        act(Act::SettleFees(two.clone()));
        let refund = act(Act::Refund { charge: one, amount: Some(50) }).id;
        let dispute = act(Act::Dispute(two)).id;
        settled(world).await;
        assert_like_stripe(world, &live).await;

        act(Act::FailRefund(refund));
        act(Act::CloseDispute { dispute, won: true });
        settled(world).await;
        assert_like_stripe(world, &live).await;
    }
}
