//! A search for secret bytes in the memory of running programs: every page that is there, of a
//! process and of all processes below it. Needs to be root, as the programs are closed to others.

use std::{
    collections::BTreeSet,
    fmt, fs,
    fs::File,
    os::unix::fs::FileExt as _,
    time::{Duration, Instant},
};

use aho_corasick::AhoCorasick;

use crate::plain_forms;

const PAGE: u64 = 4096;
/// Bytes read at once; each read begins before the end of the last, so that nothing hides on the seam.
const CHUNK: u64 = 1 << 20;
/// Of a long secret its end is searched: a signature is secret, the header before it is not, and a
/// piece of a value that was written over in part is still found.
const LONGEST: usize = 48;
/// Bytes shown on either side of what was found.
const AROUND: usize = 160;
/// After a lock, connections and processes end in the background.
const SETTLES: Duration = Duration::from_secs(10);

/// What is searched: secrets by name, in every form.
pub struct Hunt {
    names: Vec<String>,
    finder: AhoCorasick,
    longest: u64,
}

/// A secret that was found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// Name of the secret, never its value.
    pub secret: String,
    /// Name of the program that holds it.
    pub program: String,
    /// The part of its memory: `[heap]`, `[stack]`, a file, or nothing for other pages of its own.
    pub region: String,
    /// Which process.
    pub pid: u32,
    /// Where in it.
    pub address: u64,
    /// What stands before and after it, to tell who put it there; what could be of a secret is not shown.
    pub around: (String, String),
}

impl fmt::Debug for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in {} ({}) at {:#x} {} between {:?} and {:?}",
            self.secret,
            self.program,
            self.pid,
            self.address,
            self.region,
            self.around.0,
            self.around.1
        )
    }
}

impl Hunt {
    /// Secrets with their names.
    pub fn new(secrets: &[(&str, &str)]) -> Self {
        let forms = secrets.iter().map(|(name, value)| {
            let mut from = value.len().saturating_sub(LONGEST);
            while !value.is_char_boundary(from) {
                from += 1;
            }
            let piece = &value[from..];
            assert!(
                piece.len() >= 12,
                "{name} is too short to be told from chance"
            );
            ((*name).to_owned(), plain_forms(piece))
        });
        Self::of(forms)
    }

    /// Secrets by their names, in all forms that are searched for.
    pub fn of(secrets: impl IntoIterator<Item = (String, Vec<Vec<u8>>)>) -> Self {
        let (mut names, mut forms) = (Vec::new(), Vec::new());
        for (name, all) in secrets {
            names.extend(all.iter().map(|_| name.clone()));
            forms.extend(all);
        }
        let longest = forms.iter().map(Vec::len).max().unwrap_or(1);
        Self {
            names,
            finder: AhoCorasick::new(&forms).expect("the forms of the secrets"),
            longest: u64::try_from(longest).expect("a length"),
        }
    }

    /// Everything found in a process and in all below it.
    pub fn in_tree(&self, root: u32) -> Vec<Sighting> {
        let mut found = Vec::new();
        for pid in tree(root) {
            self.in_process(pid, &mut found);
        }
        found.sort();
        found
    }

    /// What is still found when the programs had time to settle.
    pub fn left_in_tree(&self, root: u32) -> Vec<Sighting> {
        let begun = Instant::now();
        loop {
            let found = self.in_tree(root);
            if found.is_empty() || begun.elapsed() > SETTLES {
                return found;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Names of the secrets that were found in a program.
    pub fn names(found: &[Sighting], program: &str) -> BTreeSet<String> {
        found
            .iter()
            .filter(|one| one.program == program)
            .map(|one| one.secret.clone())
            .collect()
    }

    fn in_process(&self, pid: u32, found: &mut Vec<Sighting>) {
        // A process may end while it is read: then it holds nothing.
        let (Ok(maps), Ok(memory), Ok(present)) = (
            fs::read_to_string(format!("/proc/{pid}/maps")),
            File::open(format!("/proc/{pid}/mem")),
            File::open(format!("/proc/{pid}/pagemap")),
        ) else {
            return;
        };
        let program = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let program = program.trim().to_owned();
        for line in maps.lines() {
            let Some((begin, end, region)) = writable(line) else {
                continue;
            };
            for (from, to) in pages_there(&present, begin, end) {
                self.in_range(&memory, from, to, |index, address, around| {
                    found.push(Sighting {
                        secret: self.names[index].clone(),
                        program: program.clone(),
                        region: region.to_owned(),
                        pid,
                        address,
                        around,
                    });
                });
            }
        }
    }

    /// Bytes as text: letters where they are letters, and no secret that is known.
    fn readable(&self, bytes: &[u8]) -> String {
        let mut shown = bytes.to_vec();
        for hit in self.finder.find_overlapping_iter(bytes) {
            shown[hit.range()].fill(b'*');
        }
        shown
            .iter()
            .map(|byte| match byte {
                b' '..=b'~' => char::from(*byte),
                _ => '.',
            })
            .collect()
    }

    fn in_range(
        &self,
        memory: &File,
        from: u64,
        to: u64,
        mut sight: impl FnMut(usize, u64, (String, String)),
    ) {
        let mut bytes = Vec::new();
        let mut at = from;
        while at < to {
            let length = (to - at).min(CHUNK);
            bytes.resize(usize::try_from(length).expect("a chunk"), 0);
            if memory.read_exact_at(&mut bytes, at).is_ok() {
                for hit in self.finder.find_iter(&bytes) {
                    let offset = u64::try_from(hit.start()).expect("an offset");
                    let before = &bytes[hit.start().saturating_sub(AROUND)..hit.start()];
                    let after = &bytes[hit.end()..(hit.end() + AROUND).min(bytes.len())];
                    let around = (self.readable(before), self.readable(after));
                    sight(hit.pattern().as_usize(), at + offset, around);
                }
            }
            if at + length >= to {
                return;
            }
            at += length - self.longest;
        }
    }
}

/// A process and all processes below it.
pub fn tree(root: u32) -> Vec<u32> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let parent = status
            .lines()
            .find_map(|line| line.strip_prefix("PPid:")?.trim().parse::<u32>().ok());
        if let Some(parent) = parent {
            parents.push((parent, pid));
        }
    }
    let mut all: Vec<u32> = vec![root];
    let mut next = 0;
    while let Some(parent) = all.get(next).copied() {
        next += 1;
        all.extend(
            parents
                .iter()
                .filter(|one| one.0 == parent)
                .map(|one| one.1),
        );
    }
    all
}

/// Begin, end and name of a part of memory that the process may have written to.
fn writable(line: &str) -> Option<(u64, u64, &str)> {
    let mut words = line.split_ascii_whitespace();
    let (begin, end) = words.next()?.split_once('-')?;
    let rights = words.next()?;
    let region = line
        .find(['/', '['])
        .map_or("", |at| line.get(at..).unwrap_or_default());
    let of_a_device = region.starts_with("/dev/") && !region.starts_with("/dev/shm/");
    let shared = region.starts_with("/memfd:") || region.starts_with("/dev/shm/");
    if !rights.starts_with('r') || of_a_device || region == "[vvar]" {
        return None;
    }
    (rights.contains('w') || shared).then_some((
        u64::from_str_radix(begin, 16).ok()?,
        u64::from_str_radix(end, 16).ok()?,
        region,
    ))
}

/// The runs of pages between two addresses that are in memory or in swap (proc(5), `pagemap`): a
/// browser engine reserves far more addresses than there is memory.
fn pages_there(pagemap: &File, begin: u64, end: u64) -> Vec<(u64, u64)> {
    const THERE: u64 = 0b11 << 62;
    const ENTRIES: u64 = 1 << 16;
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let mut at = begin / PAGE;
    while at < end / PAGE {
        let count = (end / PAGE - at).min(ENTRIES);
        let mut entries = vec![0; usize::try_from(count * 8).expect("a length")];
        if pagemap.read_exact_at(&mut entries, at * 8).is_err() {
            break;
        }
        for (page, entry) in (at..).zip(entries.chunks_exact(8)) {
            let entry = u64::from_le_bytes(entry.try_into().expect("eight bytes"));
            if entry & THERE == 0 {
                continue;
            }
            match runs.last_mut() {
                Some(run) if run.1 == page * PAGE => run.1 += PAGE,
                _ => runs.push((page * PAGE, (page + 1) * PAGE)),
            }
        }
        at += count;
    }
    runs
}
