//! axe-core in the page of the window.

use std::path::Path;

use crate::Window;

impl Window {
    /// Violations that axe-core finds on the page, as `rule: target`.
    pub async fn axe(&self) -> Vec<String> {
        let loaded = self
            .client
            .execute("return 'axe' in window", Vec::new())
            .await
            .expect("a script runs");
        if loaded != true {
            let axe = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../ui/node_modules/axe-core/axe.min.js");
            let script =
                std::fs::read_to_string(axe).expect("axe-core is installed by `cargo xtask test`");
            self.client
                .execute(&script, Vec::new())
                .await
                .expect("axe-core loads");
        }
        let run = "const done = arguments[arguments.length - 1]; axe.run(document, { resultTypes: ['violations'] })\
            .then((r) => done(r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' ') + ' ' + (n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? '')))))\
            .catch((e) => done(['axe failed: ' + e]))";
        let found = self
            .client
            .execute_async(run, Vec::new())
            .await
            .expect("axe-core runs");
        found
            .as_array()
            .map(|all| {
                all.iter()
                    .filter_map(|one| one.as_str().map(str::to_owned))
                    .collect()
            })
            .unwrap_or_default()
    }
}
