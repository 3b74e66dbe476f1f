//! The runs of an account.

use serde_json::{Value, json};

use super::ReportConduct;

/// A report that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct ReportRun {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) report_type: String,
    /// The span, its end excluded.
    pub(crate) interval: (i64, i64),
    pub(crate) columns: Vec<String>,
    pub(crate) created: i64,
    pub(crate) livemode: bool,
}

/// All runs of an account, oldest first, and how they go.
#[derive(Default)]
pub(crate) struct Reports {
    pub(crate) runs: Vec<ReportRun>,
    pub(crate) conduct: ReportConduct,
}

impl Reports {
    pub(crate) fn find(&self, id: &str) -> Option<&ReportRun> {
        self.runs.iter().find(|run| run.id == id)
    }

    /// The run whose file this is, once it is there.
    pub(crate) fn of_file(&self, file: &str) -> Option<&ReportRun> {
        let has_files = !matches!(self.conduct, ReportConduct::Held | ReportConduct::Fails);
        self.runs.iter().find(|run| has_files && run.file == file)
    }

    /// A run as it is seen now, by who reaches us under this name.
    pub(crate) fn seen(&self, run: &ReportRun, host: &str) -> Value {
        match &self.conduct {
            ReportConduct::Held => run.body("pending", None),
            ReportConduct::Fails => run.body("failed", None),
            ReportConduct::Elsewhere(url) => run.body("succeeded", Some(url.clone())),
            _ => {
                let url = format!("http://{host}/v1/files/{}/contents", run.file);
                run.body("succeeded", Some(url))
            }
        }
    }
}

impl ReportRun {
    /// A run that was asked for just now.
    pub(crate) fn asked(&self) -> Value {
        self.body("pending", None)
    }

    fn body(&self, status: &str, url: Option<String>) -> Value {
        let result = url.map(|url| {
            json!({
                "id": self.file, "object": "file", "created": self.created, "expires_at": null,
                "filename": format!("{}.csv", self.id), "links": null, "purpose": "finance_report_run",
                "size": 1, "title": null, "type": "csv", "url": url,
            })
        });
        let error = (status == "failed").then_some("The report could not be run.");
        json!({
            "id": self.id,
            "object": "reporting.report_run",
            "created": self.created,
            "error": error,
            "livemode": self.livemode,
            "parameters": {
                "interval_start": self.interval.0,
                "interval_end": self.interval.1,
                "columns": self.columns,
            },
            "report_type": self.report_type,
            "succeeded_at": result.as_ref().map(|_| self.created + 1),
            "result": result,
            "status": status,
        })
    }
}
