//! Files: results of reports, and evidence that names people.

use super::shop::blank;
use super::text::NAMES;
use super::world::World;
use crate::resource::Resource;

/// Uploads some files.
pub(super) fn upload_some(world: &mut World, count: usize) {
    for _ in 0..count {
        let (id, created, mut file) = blank(world, Resource::File);
        let (purpose, kind) = world.dice.weighted(&[
            (50, ("finance_report_run", "csv")),
            (35, ("dispute_evidence", "pdf")),
            (15, ("business_logo", "png")),
        ]);
        let (name, mailbox) = *world.dice.pick(&NAMES);
        file["purpose"] = purpose.into();
        file["type"] = kind.into();
        file["size"] = world.dice.between(200..=4_000_000).into();
        file["filename"] = format!("{mailbox}.{kind}").into();
        file["title"] = format!("Letter of {name}").into();
        file["links"]["url"] = format!("/v1/file_links?file={id}").into();
        file["url"] = format!("https://files.stripe.com/v1/files/{id}/contents").into();
        world.store(Resource::File, &id, created, &file);
    }
}
