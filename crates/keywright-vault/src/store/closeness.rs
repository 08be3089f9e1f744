//! How near what was typed comes to a name: "orb" is near "orders-batch", "tokn" is near "token-service".

/// A word that is in the name at no beginning of a part of it.
const INSIDE: u32 = 5;
/// A word whose characters are not next to each other in the name.
const SCATTERED: u32 = 3;
/// What a character costs that is neither next to the one before nor at the beginning of a part.
const JUMP: u32 = 3;
/// Names beyond this length are compared up to here.
const LONGEST: usize = 200;

/// The distance of all words together, both in lower case; none when one of them is not near the name. No word is
/// near every name.
pub(crate) fn of(words: &[&str], name: &str) -> Option<u32> {
    let mut distance = 0;
    for word in words {
        distance += of_word(word, name)?;
    }
    Some(distance)
}

fn of_word(word: &str, name: &str) -> Option<u32> {
    if let Some(at) = name.find(word) {
        return Some(match at {
            0 if name.len() == word.len() => 0,
            0 => 1,
            _ if begins_part(name, at) => 2,
            _ => INSIDE,
        });
    }
    // Quick, and right for most of a hundred thousand names.
    let mut rest = name.chars();
    if !word.chars().all(|c| rest.any(|other| other == c)) {
        return None;
    }
    scattered(word, name)
}

/// The characters of the word in their order, each at the beginning of a part or close behind the one before.
fn scattered(word: &str, name: &str) -> Option<u32> {
    let name: Vec<(usize, char)> = name.char_indices().take(LONGEST).collect();
    let starts: Vec<bool> = {
        let text: String = name.iter().map(|(_, c)| *c).collect();
        name.iter().map(|(at, _)| begins_part(&text, *at)).collect()
    };
    // Cost of the word so far, with its last character at each place.
    let mut costs: Vec<Option<u32>> = vec![None; name.len()];
    for (number, wanted) in word.chars().enumerate() {
        let before = costs;
        costs = vec![None; name.len()];
        let mut cheapest: Option<u32> = None;
        for (at, (_, c)) in name.iter().enumerate() {
            let previous = at
                .checked_sub(1)
                .and_then(|at| before.get(at).copied())
                .flatten();
            let starts_here = starts.get(at).copied().unwrap_or(false);
            if *c == wanted {
                let cost = if number == 0 {
                    starts_here.then_some(0)
                } else {
                    let jumped = cheapest.map(|cost| cost + if starts_here { 1 } else { JUMP });
                    [previous, jumped].into_iter().flatten().min()
                };
                if let Some(place) = costs.get_mut(at) {
                    *place = cost;
                }
            }
            cheapest = [cheapest, before.get(at).copied().flatten()]
                .into_iter()
                .flatten()
                .min();
        }
    }
    let cost = costs.into_iter().flatten().min()?;
    let letters = u32::try_from(word.chars().count()).unwrap_or(u32::MAX);
    // More jumps than that, and the word is another one.
    (cost <= JUMP + letters / 2).then_some(SCATTERED + cost)
}

/// The place begins a part of the name: the first letter, or one after a sign. Scripts without spaces have a part
/// at each character.
fn begins_part(name: &str, at: usize) -> bool {
    let here = name.get(at..).and_then(|rest| rest.chars().next());
    let before = name.get(..at).and_then(|start| start.chars().next_back());
    here.is_some_and(|c| !c.is_ascii()) || before.is_none_or(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::of;

    fn near(text: &str, names: &[&'static str]) -> Vec<&'static str> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut found: Vec<(u32, &str)> = names
            .iter()
            .filter_map(|name| Some((of(&words, name)?, *name)))
            .collect();
        found.sort_by_key(|(distance, _)| *distance);
        found.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn first_letters_of_the_parts_find_a_name() {
        let names = ["billing-sync", "orders-bff", "orders-batch", "forbidden"];
        assert_eq!(
            near("orb", &names),
            ["orders-bff", "orders-batch", "forbidden"]
        );
        assert_eq!(near("obat", &names), ["orders-batch"]);
        assert_eq!(near("bs", &names), ["billing-sync"]);
        assert_eq!(near("zz", &names), Vec::<&str>::new());
    }

    #[test]
    fn a_word_with_a_letter_too_few_is_near_its_name() {
        assert_eq!(near("tokn", &["token-service"]), ["token-service"]);
        assert_eq!(near("ordes bach", &["orders-batch"]), ["orders-batch"]);
        assert_eq!(near("rotate", &["reports-of-the-team"]), Vec::<&str>::new());
    }

    #[test]
    fn the_beginning_of_a_name_is_nearer_than_its_inside() {
        let names = ["my-orders", "reorders", "orders", "orders-batch"];
        let found = near("orders", &names);
        assert_eq!(found, ["orders", "orders-batch", "my-orders", "reorders"]);
        assert_eq!(near("注文", &["夜間の注文", "注文バッチ"])[0], "注文バッチ");
    }
}
