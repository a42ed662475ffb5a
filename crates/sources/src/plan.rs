//! What has to be done so that documents follow a source.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// An item that was ingested before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What its content was known by.
    pub fingerprint: String,
    /// The document that it was made into, by the caller's name for it.
    pub document: String,
}

/// An item as the source shows it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Names the item within its source, for good.
    pub key: String,
    /// Another one where the content is another.
    pub fingerprint: String,
}

/// How much of itself a source shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// All that it has, as playlists and pages do: what it does not show is gone.
    Everything,
    /// The newest items, as feeds do: what it no longer shows may only be old.
    Newest,
}

/// What to do, by keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// To ingest, in the source's order.
    pub new: Vec<String>,
    /// To ingest in the place of what was there, in the source's order.
    pub changed: Vec<String>,
    /// To be left as they are, in the source's order.
    pub unchanged: Vec<String>,
    /// To delete, in the order of their keys.
    pub gone: Vec<String>,
}

/// Compares what was ingested with what the source shows now.
///
/// `deleted` are the keys that the source itself says it deleted. A key that it shows all the same
/// is there. Of a key that is shown twice the first counts, since sources begin with the newest.
pub fn plan(
    before: &BTreeMap<String, Seen>,
    now: &[Listed],
    deleted: &BTreeSet<String>,
    coverage: Coverage,
) -> Plan {
    let mut plan = Plan::default();
    let mut shown = BTreeSet::new();
    for item in now {
        if !shown.insert(item.key.as_str()) {
            continue;
        }
        let list = match before.get(&item.key) {
            None => &mut plan.new,
            Some(seen) if seen.fingerprint == item.fingerprint => &mut plan.unchanged,
            Some(_) => &mut plan.changed,
        };
        list.push(item.key.clone());
    }
    plan.gone = before
        .keys()
        .filter(|key| !shown.contains(key.as_str()))
        .filter(|key| coverage == Coverage::Everything || deleted.contains(*key))
        .cloned()
        .collect();
    plan
}

#[cfg(test)]
mod tests {
    use proptest::{
        collection::{btree_map, btree_set, vec},
        prelude::*,
    };

    use super::*;

    fn seen(pairs: &[(&str, &str)]) -> BTreeMap<String, Seen> {
        pairs
            .iter()
            .map(|(key, fingerprint)| {
                let seen = Seen {
                    fingerprint: (*fingerprint).into(),
                    document: format!("document of {key}"),
                };
                ((*key).into(), seen)
            })
            .collect()
    }

    fn listed(pairs: &[(&str, &str)]) -> Vec<Listed> {
        pairs
            .iter()
            .map(|(key, fingerprint)| Listed {
                key: (*key).into(),
                fingerprint: (*fingerprint).into(),
            })
            .collect()
    }

    #[test]
    fn items_are_new_changed_unchanged_or_gone() {
        let before = seen(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let now = listed(&[("d", "1"), ("b", "2"), ("a", "1")]);
        let plan = plan(&before, &now, &BTreeSet::new(), Coverage::Everything);
        assert_eq!(plan.new, ["d"]);
        assert_eq!(plan.changed, ["b"]);
        assert_eq!(plan.unchanged, ["a"]);
        assert_eq!(plan.gone, ["c"]);
    }

    #[test]
    fn an_item_that_scrolled_out_of_a_feed_is_kept_unless_the_feed_deleted_it() {
        let before = seen(&[("deleted", "1"), ("old", "1")]);
        let deleted = BTreeSet::from(["deleted".to_owned(), "never seen".to_owned()]);
        let plan = plan(&before, &[], &deleted, Coverage::Newest);
        assert_eq!(plan.gone, ["deleted"]);
    }

    #[test]
    fn an_item_that_is_shown_is_there_whatever_was_said() {
        let before = seen(&[("a", "1")]);
        let deleted = BTreeSet::from(["a".to_owned()]);
        let plan = plan(&before, &listed(&[("a", "1")]), &deleted, Coverage::Newest);
        assert_eq!(plan.unchanged, ["a"]);
        assert!(plan.gone.is_empty());
    }

    prop_compose! {
        /// Few names, so that they meet.
        fn key()(key in "[a-f]{1,2}") -> String { key }
    }

    fn before() -> impl Strategy<Value = BTreeMap<String, Seen>> {
        btree_map(key(), "[12]", 0..12).prop_map(|items| {
            items
                .into_iter()
                .map(|(key, fingerprint)| {
                    let document = key.clone();
                    (
                        key,
                        Seen {
                            fingerprint,
                            document,
                        },
                    )
                })
                .collect()
        })
    }

    fn now() -> impl Strategy<Value = Vec<Listed>> {
        vec((key(), "[12]"), 0..12).prop_map(|items| {
            items
                .into_iter()
                .map(|(key, fingerprint)| Listed { key, fingerprint })
                .collect()
        })
    }

    fn coverage() -> impl Strategy<Value = Coverage> {
        prop_oneof![Just(Coverage::Everything), Just(Coverage::Newest)]
    }

    proptest! {
        #[test]
        fn every_key_is_in_exactly_one_list_or_was_kept_silently(
            before in before(), now in now(), deleted in btree_set(key(), 0..6), coverage in coverage(),
        ) {
            let plan = plan(&before, &now, &deleted, coverage);
            let lists = [&plan.new, &plan.changed, &plan.unchanged, &plan.gone];
            let all: Vec<&String> = lists.into_iter().flatten().collect();
            let unique: BTreeSet<&String> = all.iter().copied().collect();
            prop_assert_eq!(all.len(), unique.len());
            for item in &now {
                prop_assert!(unique.contains(&item.key));
                prop_assert!(!plan.gone.contains(&item.key));
            }
            for key in &plan.gone {
                prop_assert!(before.contains_key(key));
                prop_assert!(coverage == Coverage::Everything || deleted.contains(key));
            }
            if coverage == Coverage::Everything {
                prop_assert!(before.keys().all(|key| unique.contains(key)));
            }
        }

        /// After the plan is carried out, there is nothing left to do.
        #[test]
        fn carried_out_twice_it_does_nothing_the_second_time(
            before in before(), now in now(), deleted in btree_set(key(), 0..6), coverage in coverage(),
        ) {
            let first = plan(&before, &now, &deleted, coverage);
            let mut after = before.clone();
            for key in &first.gone {
                after.remove(key);
            }
            for key in first.new.iter().chain(&first.changed) {
                let item = now.iter().find(|item| item.key == *key).unwrap();
                let seen = Seen { fingerprint: item.fingerprint.clone(), document: key.clone() };
                after.insert(key.clone(), seen);
            }
            let second = plan(&after, &now, &deleted, coverage);
            prop_assert!(second.new.is_empty());
            prop_assert!(second.changed.is_empty());
            prop_assert!(second.gone.is_empty());
        }
    }
}
