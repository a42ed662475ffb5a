//! Several lists of what fits, as one.

use std::{collections::HashMap, hash::Hash};

/// How much the first places of a list stand out from the others: little, so that what two lists
/// name comes before what one of them likes best. The constant of Cormack and others (2009).
const K: f64 = 60.0;

/// Merges lists, each best first, by the places that things have in them. Scores of words and of
/// vectors cannot be compared; places can. Of things that are as good the one that was seen first
/// comes first.
pub(super) fn fuse<T: Copy + Eq + Hash>(lists: &[Vec<T>]) -> Vec<(T, f64)> {
    let mut places: HashMap<T, usize> = HashMap::new();
    let mut fused: Vec<(T, f64)> = Vec::new();
    for list in lists {
        for (rank, thing) in (1_u32..).zip(list) {
            let place = *places.entry(*thing).or_insert_with(|| {
                fused.push((*thing, 0.0));
                fused.len() - 1
            });
            fused[place].1 += (K + f64::from(rank)).recip();
        }
    }
    fused.sort_by(|one, other| other.1.total_cmp(&one.1));
    fused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_lists_name_comes_before_what_one_likes_best() {
        let fused = fuse(&[vec!['a', 'b', 'c'], vec!['d', 'c', 'b']]);
        let order: Vec<char> = fused.iter().map(|(thing, _)| *thing).collect();
        assert_eq!(order, ['b', 'c', 'a', 'd']);
    }

    #[test]
    fn one_list_stays_as_it_is() {
        let fused = fuse(&[vec![3, 1, 2]]);
        assert_eq!(
            fused.iter().map(|(thing, _)| *thing).collect::<Vec<_>>(),
            [3, 1, 2]
        );
        assert!(fuse::<u8>(&[]).is_empty());
    }
}
