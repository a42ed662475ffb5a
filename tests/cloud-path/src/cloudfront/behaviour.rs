//! Which paths are served how: the distribution's cache behaviours, in their order.

/// A cache behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Behaviour {
    pub(super) pattern: &'static str,
    /// Whether the origin-request function runs on it, with "include body".
    pub(super) has_signer: bool,
}

/// The last one matches everything. What is cached (`/assets/*`, by `CachingOptimized`) is asked of
/// the origin each time here.
const BEHAVIOURS: [Behaviour; 4] = [
    Behaviour {
        pattern: "/v1/*",
        has_signer: true,
    },
    Behaviour {
        pattern: "/api/*",
        has_signer: false,
    },
    Behaviour {
        pattern: "/assets/*",
        has_signer: false,
    },
    Behaviour {
        pattern: "*",
        has_signer: false,
    },
];

/// The first behaviour whose pattern matches. Patterns are compared with the path as it came, and
/// mind case.
pub(super) fn of(path: &str) -> Behaviour {
    let matches =
        |behaviour: &&Behaviour| path.starts_with(behaviour.pattern.trim_end_matches('*'));
    let found = BEHAVIOURS.iter().find(matches);
    *found.unwrap_or(&BEHAVIOURS[BEHAVIOURS.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_v1_get_the_signer_and_nobody_else() {
        for (path, has_signer) in [
            ("/v1/models", true),
            ("/v1/", true),
            ("/v1", false),
            ("/V1/models", false),
            ("/api/v1/", false),
            ("/", false),
        ] {
            assert_eq!(of(path).has_signer, has_signer, "{path}");
        }
    }
}
