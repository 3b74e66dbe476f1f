//! Following an import to its end.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};

use super::{bars::Bars, lines::Lines, words};
use crate::app::{App, ImportStanding, ImportStatus, PlacedImport, import_standing};

/// Between two looks at the database: a worker elsewhere cannot tell us.
const PAUSE: Duration = Duration::from_millis(500);

/// So many looks in a row may fail.
const MOST_FAILURES: u32 = 20;

/// What shells expect of a program that was interrupted.
const INTERRUPTED: u8 = 130;

/// Where progress is shown.
enum Screen {
    Bars(Box<Bars>),
    Lines(Lines),
}

impl Screen {
    fn new() -> anyhow::Result<Self> {
        Ok(if io::stdout().is_terminal() {
            Self::Bars(Box::new(Bars::new()?))
        } else {
            Self::Lines(Lines::default())
        })
    }

    fn show(&mut self, standing: &ImportStanding) {
        match self {
            Self::Bars(bars) => bars.show(standing),
            Self::Lines(lines) => {
                for line in lines.changes(standing) {
                    println!("{line}");
                }
            }
        }
    }

    fn note(&self, line: &str) {
        match self {
            Self::Bars(bars) => bars.say(line),
            Self::Lines(_) => eprintln!("{line}"),
        }
    }

    fn leave(self) {
        if let Self::Bars(bars) = self {
            bars.leave();
        }
    }
}

/// Shows an import's progress until it ends: success where it succeeded, an error where it did not. Who interrupts
/// this only stops watching.
pub(super) async fn follow(app: &App, import: &PlacedImport) -> anyhow::Result<ExitCode> {
    let mut screen = Screen::new()?;
    let end = tokio::select! {
        end = watch(app, import, &mut screen) => Some(end),
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.context("cannot listen for signals")?;
            None
        }
    };
    screen.leave();
    if let Some(end) = end {
        return ended(import, &end?);
    }
    eprintln!("stopped watching; the import goes on");
    eprintln!("{}", words::how_to_follow(import));
    Ok(ExitCode::from(INTERRUPTED))
}

/// Shows each change until the import has ended; how it stands then.
async fn watch(
    app: &App,
    import: &PlacedImport,
    screen: &mut Screen,
) -> anyhow::Result<ImportStanding> {
    let mut failures = 0;
    let mut unclaimed = false;
    loop {
        match import_standing(app, import).await {
            Ok(standing) => {
                let standing = standing.context("the import is not there any more")?;
                failures = 0;
                screen.show(&standing);
                if standing.unclaimed && !unclaimed {
                    screen.note(words::NO_WORKER);
                }
                unclaimed = standing.unclaimed;
                if standing.progress.has_ended() {
                    return Ok(standing);
                }
            }
            Err(error) if failures < MOST_FAILURES => {
                failures += 1;
                if failures == 1 {
                    screen.note(&format!("{error:#}; looking again"));
                }
            }
            Err(error) => return Err(error.context("stopped watching; the import may go on")),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn ended(import: &PlacedImport, standing: &ImportStanding) -> anyhow::Result<ExitCode> {
    let summary = words::summary(standing);
    if standing.progress.status == ImportStatus::Succeeded {
        println!("{}: {summary}", import.title);
        return Ok(ExitCode::SUCCESS);
    }
    bail!("{}: {summary}", import.title)
}
