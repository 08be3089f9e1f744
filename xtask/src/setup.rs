//! Installs what is missing, on Debian and Ubuntu by apt; elsewhere it says what to install.

use xshell::{Shell, cmd};

use crate::{Failure, status};

/// What the window and the vault need to be built.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "perl",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "libssl-dev",
    "libayatana-appindicator3-dev",
];

/// What the tests start: a display, a driver for the window, a keyring, glyphs for both languages, and what
/// injects faults and moves the clock.
const TESTS: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "dbus",
    "at-spi2-core",
    "gnome-keyring",
    "strace",
    "fonts-noto-core",
    "fonts-noto-cjk",
    "faketime",
];

/// Debian packages of the independent servers that the tests start, with the packages that they need although they
/// only recommend them. `tests/servers` holds the configurations.
const SERVERS: &[&str] = &[
    // Glewlwyd; the second keeps MariaDB's client out.
    "glewlwyd",
    "dbconfig-sqlite3",
    // LemonLDAP::NG's portal and handler.
    "liblemonldap-ng-portal-perl",
    "liblemonldap-ng-handler-perl",
    "libio-string-perl",
    "libstring-random-perl",
    // For the servers in Python, for the driver of the conformance suite and the Node.js that it needs, and for the cases of `../shared/cases`.
    "python3",
    "python3-venv",
    "openssl",
];

/// A tool that cargo builds, in the version that the checks are written for. One that is installed already is used.
struct Tool {
    name: &'static str,
    version: &'static str,
    /// Arguments of cargo, or a program, that succeed where it is installed.
    probe: &'static [&'static str],
}

const NEXTEST: Tool = Tool {
    name: "cargo-nextest",
    version: "0.9.143",
    probe: &["cargo", "nextest", "--version"],
};
const DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    probe: &["cargo", "deny", "--version"],
};
const MACHETE: Tool = Tool {
    name: "cargo-machete",
    version: "0.9.2",
    probe: &["cargo-machete", "--version"],
};
const TYPOS: Tool = Tool {
    name: "typos-cli",
    version: "1.52.0",
    probe: &["typos", "--version"],
};
const FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.2",
    probe: &["cargo", "fuzz", "--version"],
};
const CYCLONEDX: Tool = Tool {
    name: "cargo-cyclonedx",
    version: "0.5.9",
    probe: &["cargo", "cyclonedx", "--version"],
};

/// Folders of the servers of the tests that npm installs.
pub(crate) const NPM_SERVERS: &[&str] = &[
    "tests/servers/conformance",
    "tests/servers/mcp",
    "tests/servers/oidc-provider",
    "tests/servers/passport",
];

/// Installs what a build needs.
pub(crate) fn for_build(shell: &Shell) -> Result<(), Failure> {
    node(shell)?;
    packages(shell, BUILD)?;
    npm(shell, "ui")
}

/// Installs what the checks need that start no program of ours.
pub(crate) fn for_checks(shell: &Shell) -> Result<(), Failure> {
    for_build(shell)?;
    component(shell, "fmt", "rustfmt")?;
    component(shell, "clippy", "clippy")?;
    for tool in [DENY, MACHETE, TYPOS] {
        cargo_tool(shell, &tool)?;
    }
    Ok(())
}

/// Installs what the checks and the tests need.
pub(crate) fn for_tests(shell: &Shell) -> Result<(), Failure> {
    for_checks(shell)?;
    packages(shell, TESTS)?;
    packages(shell, SERVERS)?;
    for folder in NPM_SERVERS {
        npm(shell, folder)?;
    }
    for server in ["allauth", "conformance", "django", "mcp-python"] {
        python(shell, server)?;
    }
    cargo_tool(shell, &NEXTEST)
}

/// Installs what the fuzzer needs.
pub(crate) fn for_fuzzing(shell: &Shell) -> Result<(), Failure> {
    packages(shell, BUILD)?;
    cargo_tool(shell, &FUZZ)
}

/// Installs what writes the list of what a package is made of.
pub(crate) fn for_sbom(shell: &Shell) -> Result<(), Failure> {
    cargo_tool(shell, &CYCLONEDX)
}

/// Installs Debian packages that are not there.
pub(crate) fn packages(shell: &Shell, wanted: &[&str]) -> Result<(), Failure> {
    let missing: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|name| !installed(shell, name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if cmd!(shell, "apt-get --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_err()
    {
        if cfg!(target_os = "linux") {
            status::note(&format!(
                "This is not Debian or Ubuntu; if the build fails, install what matches: {list}"
            ));
        }
        return Ok(());
    }
    status::step(&format!("Installing system packages: {list}"), || {
        let (program, before): (&str, &[&str]) = if is_root(shell) {
            ("env", &[])
        } else {
            ("sudo", &["env"])
        };
        let quiet = ["DEBIAN_FRONTEND=noninteractive", "apt-get"];
        cmd!(shell, "{program} {before...} {quiet...} update -qq").run()?;
        cmd!(
            shell,
            "{program} {before...} {quiet...} install -y -qq --no-install-recommends {missing...}"
        )
        .ignore_stdout()
        .run()?;
        Ok(())
    })
}

fn installed(shell: &Shell, package: &str) -> bool {
    let format = "${Status}";
    cmd!(shell, "dpkg-query -W -f {format} {package}")
        .quiet()
        .ignore_stderr()
        .read()
        .is_ok_and(|status| status.contains("install ok installed"))
}

/// Whether this is run as root.
pub(crate) fn is_root(shell: &Shell) -> bool {
    cmd!(shell, "id -u")
        .quiet()
        .read()
        .is_ok_and(|id| id.trim() == "0")
}

fn node(shell: &Shell) -> Result<(), Failure> {
    let version = cmd!(shell, "node --version")
        .quiet()
        .ignore_stderr()
        .read()
        .unwrap_or_default();
    let major: u32 = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    if major >= 20 {
        return Ok(());
    }
    Err(Failure::Missing {
        what: "Node.js 20 or newer".into(),
        advice: "Install it from nodejs.org or your system's packages, then run this again.".into(),
    })
}

/// Installs the npm packages of a folder exactly as locked, without running their scripts.
fn npm(shell: &Shell, folder: &str) -> Result<(), Failure> {
    let lock = shell.current_dir().join(folder).join("package-lock.json");
    let done = shell
        .current_dir()
        .join(folder)
        .join("node_modules/.package-lock.json");
    let newer = |path: &std::path::Path| path.metadata().and_then(|data| data.modified()).ok();
    if newer(&done) >= newer(&lock) && done.exists() {
        return Ok(());
    }
    status::step(&format!("Installing npm packages of {folder}"), || {
        let _folder = shell.push_dir(folder);
        cmd!(
            shell,
            "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error"
        )
        .run()?;
        Ok(())
    })
}

/// Installs the Python packages of a server of the tests into an environment of its own below `target`, as pinned.
fn python(shell: &Shell, server: &str) -> Result<(), Failure> {
    let wanted = crate::root().join(format!("tests/servers/{server}/requirements.txt"));
    let environment = crate::root().join(format!("target/test-servers/{server}"));
    let done = environment.join("requirements.txt");
    let text = shell.read_file(&wanted)?;
    if shell
        .read_file(&done)
        .is_ok_and(|installed| installed == text)
    {
        return Ok(());
    }
    status::step(&format!("Installing Python packages of {server}"), || {
        cmd!(shell, "python3 -m venv --clear {environment}").run()?;
        let pip = environment.join("bin/pip");
        cmd!(
            shell,
            "{pip} install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement {wanted}"
        )
        .run()?;
        shell.write_file(&done, &text)?;
        Ok(())
    })
}

fn component(shell: &Shell, subcommand: &str, component: &str) -> Result<(), Failure> {
    if cmd!(shell, "cargo {subcommand} --version")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_ok()
    {
        return Ok(());
    }
    status::step(&format!("Installing {component}"), || {
        Ok(cmd!(shell, "rustup component add {component}").run()?)
    })
}

fn cargo_tool(shell: &Shell, tool: &Tool) -> Result<(), Failure> {
    let Tool {
        name,
        version,
        probe,
    } = tool;
    let (program, arguments) = probe.split_first().unwrap_or((name, &[]));
    if cmd!(shell, "{program} {arguments...}")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_ok()
    {
        return Ok(());
    }
    // Unoptimised: it runs once or twice a day and would take three times as long to build.
    status::step(&format!("Installing {name} (some minutes, once)"), || {
        cmd!(
            shell,
            "cargo install --quiet --locked --debug --version {version} {name}"
        )
        .run()?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installed_package_is_not_installed_again() -> Result<(), Failure> {
        let shell = Shell::new()?;
        if cmd!(shell, "dpkg-query --version")
            .ignore_stdout()
            .run()
            .is_err()
        {
            eprintln!("NOT CHECKED: this machine has no dpkg.");
            return Ok(());
        }
        assert!(installed(&shell, "dpkg"));
        assert!(!installed(&shell, "no-package-has-this-name"));
        Ok(())
    }
}
