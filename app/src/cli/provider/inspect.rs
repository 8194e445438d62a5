//! `portico provider inspect`: describes a plug-in file. It is neither granted nor offered.

use std::{path::PathBuf, time::Instant};

use anyhow::Context;
use clap::Args;
use portico_domain::provider::Descriptor;
use portico_plugins::variable;
use portico_provider_kit::consent_request;
use portico_wasm::{ComponentDigest, Inspection, Limits, MAX_BYTES, Plugin, Sandbox, inspect};
use serde_json::json;

use super::{JsonFlag, compile_with_notice, print};

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// Plug-in: a WebAssembly component
    file: PathBuf,
    #[command(flatten)]
    json: JsonFlag,
}

/// The description of a plug-in file.
struct Report {
    digest: String,
    inspection: Inspection,
    /// Milliseconds.
    compile_time: u128,
    compiled_bytes: usize,
    descriptor: Descriptor,
    /// Whether it implements interface 1, which declares the sign-in only after it is configured.
    is_v1: bool,
}

#[tokio::main]
pub(super) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let file = &arguments.file;
    let component = portico_files::read(file, MAX_BYTES as u64)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let report = describe(&component).await;
    let report = report.with_context(|| format!("{} is not a valid plug-in", file.display()))?;
    print(&if arguments.json.json { report.json() } else { report.text() })
}

async fn describe(component: &[u8]) -> anyhow::Result<Report> {
    let inspection = inspect(component)?;
    let started_at = Instant::now();
    let sandbox = Sandbox::new()?;
    let compiled = compile_with_notice(&sandbox, component).await?;
    let compile_time = started_at.elapsed().as_millis();
    let plugin = Plugin::load(&sandbox, &compiled, Limits::default()).await?;
    Ok(Report {
        digest: ComponentDigest::of(component).to_string(),
        inspection,
        compile_time,
        compiled_bytes: compiled.as_bytes().len(),
        descriptor: plugin.descriptor().clone(),
        is_v1: plugin.is_v1(),
    })
}

impl Report {
    fn text(&self) -> String {
        let it = &self.descriptor;
        let imports = match self.inspection.imports.as_slice() {
            [] => "none".to_owned(),
            imports => imports.join(", "),
        };
        let interface = self.inspection.interface.as_deref().unwrap_or("none");
        let mut text = format!(
            "{} ({}) {}\n  digest     {}\n  interface  portico:provider@{interface}\n  \
             imports    {imports}\n  size       {} KiB, compiled {} KiB in {} ms\n",
            it.name,
            it.id,
            it.version,
            self.digest,
            self.inspection.bytes.div_ceil(1024),
            self.compiled_bytes.div_ceil(1024),
            self.compile_time,
        );
        if let Some(why) = icon_refused(it) {
            text += &format!("  icon       not shown: {why}\n");
        }
        if self.is_v1 {
            text += "\nIt implements interface 1, which declares the sign-in only after it is configured: \
                     `portico provider add` shows it.\n";
        }
        text += &format!("\n{}", consent_request(it, None));
        text += "\nSettings, besides the client id and secret:\n";
        for spec in &it.settings {
            let default = match (&spec.default, spec.required) {
                (Some(default), _) => format!("default {default}"),
                (None, true) => "required".to_owned(),
                (None, false) => "optional".to_owned(),
            };
            let variable = variable(&it.id, &spec.key);
            text += &format!("  {variable} ({default}): {}\n", spec.help);
        }
        if it.settings.is_empty() {
            text += "  none\n";
        }
        text
    }

    fn json(&self) -> String {
        let it = &self.descriptor;
        let setting = |spec: &portico_domain::provider::SettingSpec| {
            json!({
                "key": spec.key, "variable": variable(&it.id, &spec.key), "label": spec.label,
                "help": spec.help, "required": spec.required, "default": spec.default,
            })
        };
        let hosts: Vec<_> =
            it.permissions.iter().flat_map(|permission| &permission.hosts).collect();
        let report = json!({
            "id": it.id.as_str(), "name": it.name, "version": it.version, "digest": self.digest,
            "interface": self.inspection.interface, "imports": self.inspection.imports,
            "hosts": hosts, "bytes": self.inspection.bytes, "compiledBytes": self.compiled_bytes,
            "compileMilliseconds": self.compile_time, "asksFor": consent_request(it, None),
            "iconRefused": icon_refused(it),
            "settings": it.settings.iter().map(setting).collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }
}

/// Why the plug-in's icon is rejected; `None` if it is valid or there is none.
pub(super) fn icon_refused(descriptor: &Descriptor) -> Option<String> {
    let icon = descriptor.icon.as_deref()?;
    portico_provider_icon::sanitise(icon).err().map(|why| why.to_string())
}
