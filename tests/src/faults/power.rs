//! The abrupt end of the whole machine: a run's writes are recorded and played again onto a copy, and what
//! was not made durable before the end is dropped.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What of the writes since the last sync is on the disk after the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsynced {
    /// None.
    Dropped,
    /// Every other one: a disk writes in the order that it likes.
    EveryOther,
}

/// What a run did to the files of a vault, in its order.
pub struct Recording {
    start: BTreeMap<String, Vec<u8>>,
    events: Vec<Event>,
}

/// Files are named by their path below the folder of the vault.
#[derive(Debug)]
enum Event {
    Made(String),
    Emptied(String),
    Opened(String),
    /// Where the last write since the file was opened ended.
    Appended(String, Vec<u8>),
    Written(String, usize, Vec<u8>),
    Cut(String, usize),
    /// A sync begins; what is written before it ends is not in it.
    SyncBegun(String),
    Synced(String),
    FolderSynced(String),
    Renamed(String, String),
    Removed(String),
}

/// A file, as programs see it and as it lies on the disk.
#[derive(Debug, Clone, Default)]
struct Inode {
    seen: Vec<u8>,
    durable: Vec<u8>,
    /// What was done since the last sync.
    since: Vec<Change>,
    /// How much of it the sync under way takes along.
    covered: Option<usize>,
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Length(length) => content.resize(*length, 0),
            Self::Write(at, bytes) => {
                let end = at + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*at..end].copy_from_slice(bytes);
            }
        }
    }
}

impl Inode {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.seen);
        self.since.push(change);
    }

    fn sync(&mut self) {
        let covered = self.covered.take().unwrap_or(self.since.len());
        for change in self.since.drain(..covered) {
            change.apply(&mut self.durable);
        }
    }

    fn after_the_end(&self, unsynced: Unsynced) -> Vec<u8> {
        let mut content = self.durable.clone();
        if unsynced == Unsynced::EveryOther {
            for change in self.since.iter().step_by(2) {
                change.apply(&mut content);
            }
        }
        content
    }
}

impl Recording {
    /// Runs the command on the vault in `home` and records what it does to the files there.
    pub fn of(command: &Command, home: &Path, log: &Path) -> Self {
        let start = files(home);
        let mut traced = Command::new("strace");
        traced
            .args(["-f", "-qq", "-y", "-xx", "-s", "1000000", "-o"])
            .arg(log);
        traced.args([
            "-e",
            "trace=openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat",
        ]);
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                traced.env(name, value);
            }
        }
        let ended = traced
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::null())
            .output()
            .expect("strace is installed by `cargo xtask test`");
        assert!(ended.status.success(), "{ended:?}");
        let text = fs::read_to_string(log).expect("the log of strace");
        let recording = Self {
            start,
            events: events(&text, home),
        };
        recording.is_complete(home);
        recording
    }

    /// How many ends there are to try: before each event, and after the last.
    pub fn ends(&self) -> usize {
        self.events.len() + 1
    }

    /// Writes into `folder` what is left when the machine ends after this many events.
    pub fn end_after(&self, events: usize, unsynced: Unsynced, folder: &Path) {
        let disk = self.play(events);
        fs::create_dir_all(folder).expect("a folder");
        for (name, inode) in &disk.durable_names {
            let content = disk.inodes[*inode].after_the_end(unsynced);
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
    }

    fn play(&self, events: usize) -> Disk {
        let mut disk = Disk::default();
        for (name, content) in &self.start {
            let inode = Inode {
                seen: content.clone(),
                durable: content.clone(),
                ..Inode::default()
            };
            disk.names.insert(name.clone(), disk.inodes.len());
            disk.inodes.push(inode);
        }
        disk.durable_names.clone_from(&disk.names);
        for event in &self.events[..events] {
            disk.apply(event);
        }
        disk
    }

    /// A write that was not recorded would make every test of this kind worthless.
    fn is_complete(&self, home: &Path) {
        let disk = self.play(self.events.len());
        for (name, content) in files(home) {
            // The index of the log is written through memory, and is made again by whoever opens the vault.
            if name.ends_with("-shm") {
                continue;
            }
            let played = disk.names.get(&name).map(|inode| &disk.inodes[*inode].seen);
            assert!(played == Some(&content), "{name} was not recorded whole");
        }
    }
}

/// All files of the folder.
#[derive(Default)]
struct Disk {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    /// The names that each folder had when it was last synced.
    durable_names: BTreeMap<String, usize>,
    /// Where the next write goes that names no place.
    positions: BTreeMap<String, usize>,
}

impl Disk {
    fn inode(&mut self, name: &str) -> &mut Inode {
        let index = *self.names.entry(name.to_owned()).or_insert_with(|| {
            self.inodes.push(Inode::default());
            self.inodes.len() - 1
        });
        &mut self.inodes[index]
    }

    fn apply(&mut self, event: &Event) {
        if let Event::Made(name) | Event::Emptied(name) | Event::Opened(name) = event {
            self.positions.remove(name);
        }
        match event {
            Event::Made(name) => {
                self.inode(name);
            }
            Event::Opened(_) => {}
            Event::Emptied(name) => self.inode(name).change(Change::Length(0)),
            Event::Appended(name, bytes) => {
                let position = self.positions.entry(name.clone()).or_default();
                let at = *position;
                *position += bytes.len();
                self.inode(name).change(Change::Write(at, bytes.clone()));
            }
            Event::Written(name, at, bytes) => {
                self.inode(name).change(Change::Write(*at, bytes.clone()));
            }
            Event::Cut(name, length) => self.inode(name).change(Change::Length(*length)),
            Event::SyncBegun(name) => {
                let inode = self.inode(name);
                inode.covered.get_or_insert(inode.since.len());
            }
            Event::Synced(name) => self.inode(name).sync(),
            Event::FolderSynced(folder) => {
                self.durable_names
                    .retain(|name, _| folder_of(name) != folder);
                let names = self.names.iter();
                self.durable_names.extend(
                    names
                        .filter(|(name, _)| folder_of(name) == folder)
                        .map(|(name, inode)| (name.clone(), *inode)),
                );
            }
            Event::Renamed(from, to) => {
                if let Some(inode) = self.names.remove(from) {
                    self.names.insert(to.clone(), inode);
                }
            }
            Event::Removed(name) => {
                self.names.remove(name);
            }
        }
    }
}

/// The contents of all files of a folder, and of the folders in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    collect(folder, folder, &mut all);
    all
}

fn collect(home: &Path, folder: &Path, all: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(items) = fs::read_dir(folder) else {
        return;
    };
    for path in items.map(|item| item.expect("a file").path()) {
        if path.is_dir() {
            collect(home, &path, all);
        } else {
            let name = name_in(home, &path).expect("a file of the folder");
            all.insert(name, fs::read(&path).expect("a file"));
        }
    }
}

/// The path below the folder; none outside of it, and for the folder itself.
fn name_in(home: &Path, path: &Path) -> Option<String> {
    let name = path.strip_prefix(home).ok()?.to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

/// The folder of a name; empty for the vault's own.
fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// All that the log tells. A call during which another thread was heard of is in two lines, `7 fsync(11<…> <unfinished ...>`
/// and `7 <... fsync resumed>)          = 0`: it counts when it ends.
fn events(log: &str, home: &Path) -> Vec<Event> {
    let mut begun = BTreeMap::new();
    let mut all = Vec::new();
    for line in log.lines() {
        let Some((thread, what)) = line.trim_start().split_once(' ') else {
            continue;
        };
        let what = what.trim_start();
        if let Some(call) = what.strip_suffix(" <unfinished ...>") {
            if let Some(Event::Synced(name)) = event(&format!("{thread} {call}) = 0"), home) {
                all.push(Event::SyncBegun(name));
            }
            begun.insert(thread, call);
        } else if let Some((_, rest)) = what.split_once(" resumed>") {
            let call = begun.remove(thread).expect("the call began");
            all.extend(event(&format!("{thread} {call}{rest}"), home));
        } else {
            all.extend(event(line, home));
        }
    }
    all
}

/// One line of the log: `7 pwrite64(11<\x2f…>, "\x37…", 32, 0) = 32`.
fn event(line: &str, home: &Path) -> Option<Event> {
    let (_, what) = line.trim_start().split_once(' ')?;
    let (call, rest) = what.trim_start().split_once('(')?;
    // Results of short lines are aligned.
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let arguments = arguments.trim_end().strip_suffix(')')?;
    if result.starts_with('-') {
        return None;
    }
    let opened = || unhex(arguments.split_once('<')?.1.split_once('>')?.0);
    let quoted: Vec<&str> = arguments.split('"').skip(1).step_by(2).collect();
    let path = |text: Option<Vec<u8>>| Some(PathBuf::from(String::from_utf8(text?).ok()?));
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let here = |path: PathBuf| name_in(home, &path);
    match call {
        "openat" => {
            let name = here(path(unhex(quoted.first()?))?)?;
            let flags = arguments.rsplit('"').next()?;
            if flags.contains("O_TRUNC") {
                Some(Event::Emptied(name))
            } else if flags.contains("O_CREAT") {
                Some(Event::Made(name))
            } else if flags.contains("O_WRONLY") || flags.contains("O_RDWR") {
                Some(Event::Opened(name))
            } else {
                None
            }
        }
        "write" => Some(Event::Appended(
            here(path(opened())?)?,
            unhex(quoted.first()?)?,
        )),
        "pwrite64" => {
            let name = here(path(opened())?)?;
            let at = number(arguments.rsplit(',').next()?)?;
            Some(Event::Written(name, at, unhex(quoted.first()?)?))
        }
        "ftruncate" => {
            let name = here(path(opened())?)?;
            Some(Event::Cut(name, number(arguments.rsplit(',').next()?)?))
        }
        "fsync" | "fdatasync" => {
            let path = path(opened())?;
            if path == home {
                return Some(Event::FolderSynced(String::new()));
            }
            let name = name_in(home, &path)?;
            Some(if path.is_dir() {
                Event::FolderSynced(name)
            } else {
                Event::Synced(name)
            })
        }
        "unlink" | "unlinkat" => Some(Event::Removed(here(path(unhex(quoted.first()?))?)?)),
        _ => Some(Event::Renamed(
            here(path(unhex(quoted.first()?))?)?,
            here(path(unhex(quoted.last()?))?)?,
        )),
    }
}

/// The bytes of `\x2f\x74…`.
fn unhex(text: &str) -> Option<Vec<u8>> {
    text.split("\\x")
        .skip(1)
        .map(|digits| u8::from_str_radix(digits, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_told_in_two_lines_covers_what_was_written_before_it() {
        let hex = |text: &str| {
            text.bytes()
                .flat_map(|byte| ["\\x".to_owned(), hex::encode([byte])])
                .collect()
        };
        let (file, one, two): (String, String, String) = (hex("/v/a"), hex("one"), hex("two"));
        let log = format!(
            "7 pwrite64(3<{file}>, \"{one}\", 3, 0) = 3\n\
             7 fsync(3<{file}> <unfinished ...>\n\
             8 pwrite64(3<{file}>, \"{two}\", 3, 3 <unfinished ...>\n\
             8 <... pwrite64 resumed>) = 3\n\
             7 <... fsync resumed>)          = 0\n\
             7 +++ exited with 0 +++\n"
        );
        let recording = Recording {
            start: BTreeMap::from([("a".to_owned(), Vec::new())]),
            events: events(&log, Path::new("/v")),
        };
        let disk = recording.play(recording.events.len());
        assert_eq!(disk.inodes[0].seen, b"onetwo");
        assert_eq!(disk.inodes[0].durable, b"one");
        let sync = recording.events.len() - 1;
        assert_eq!(recording.play(sync).inodes[0].durable, b"");
    }

    #[test]
    fn only_what_was_synced_is_left() {
        let name = || "a".to_owned();
        let recording = Recording {
            start: BTreeMap::new(),
            events: vec![
                Event::Made(name()),
                Event::FolderSynced(String::new()),
                Event::Appended(name(), b"one".to_vec()),
                Event::Synced(name()),
                Event::Written(name(), 3, b"two".to_vec()),
                Event::Renamed(name(), "b".into()),
                Event::Made("copies/c".into()),
                Event::FolderSynced("copies".into()),
            ],
        };
        let folder = tempfile::tempdir().expect("a folder");
        let left = |events, unsynced| {
            let end = folder.path().join(format!("{events}{unsynced:?}"));
            recording.end_after(events, unsynced, &end);
            files(&end)
        };
        assert!(left(1, Unsynced::Dropped).is_empty());
        assert_eq!(left(3, Unsynced::Dropped)["a"], b"");
        assert_eq!(left(4, Unsynced::Dropped)["a"], b"one");
        assert_eq!(left(6, Unsynced::Dropped)["a"], b"one");
        assert_eq!(left(6, Unsynced::EveryOther)["a"], b"onetwo");
        assert_eq!(left(8, Unsynced::Dropped).len(), 2);
        assert_eq!(left(8, Unsynced::Dropped)["copies/c"], b"");
        assert_eq!(left(8, Unsynced::Dropped)["a"], b"one");
    }
}
