//! Cursors: where the next page of a list starts, opaque to whoever carries them.
//!
//! A cursor is the base64url of a text that names the list, its format and a position. It is only a
//! position in rows that its bearer may read anyway, so nothing secret is in it and a made-up one
//! opens nothing; it is checked so that a mistaken one is an error and not an odd page.

use std::{fmt::Display, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tidewire_domain::{ConversationId, DocumentId, SourceId, StoreError, Timestamp};

const CONVERSATIONS: &str = "c1";
const MESSAGES: &str = "m1";
const DOCUMENTS: &str = "d1";
const SOURCES: &str = "s1";
const ITEMS: &str = "i1";

/// A position in a list of conversations: after the one that was written at this moment and has
/// this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConversationCursor {
    pub(crate) updated_at: Timestamp,
    pub(crate) id: ConversationId,
}

impl ConversationCursor {
    pub(crate) fn encode(self) -> String {
        seal(CONVERSATIONS, self.updated_at.as_millis(), self.id)
    }

    pub(crate) fn decode(text: &str) -> Result<Self, StoreError> {
        let (updated_at, id) = unseal(CONVERSATIONS, text).ok_or(StoreError::InvalidCursor)?;
        let updated_at = Timestamp::from_millis(updated_at);
        Ok(Self { updated_at, id })
    }
}

/// A position in a conversation's messages: before the one that has this place in the order in
/// which they were stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MessageCursor {
    pub(crate) conversation_id: ConversationId,
    pub(crate) place: i64,
}

impl MessageCursor {
    pub(crate) fn encode(self) -> String {
        seal(MESSAGES, self.place, self.conversation_id)
    }

    /// Refuses a cursor that belongs to another conversation's messages.
    pub(crate) fn decode(text: &str, conversation_id: ConversationId) -> Result<Self, StoreError> {
        match unseal::<ConversationId>(MESSAGES, text) {
            Some((place, of)) if of == conversation_id => Ok(Self {
                conversation_id,
                place,
            }),
            _ => Err(StoreError::InvalidCursor),
        }
    }
}

/// A position in a list that is in the order of making: after what was made at this moment and has
/// this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AgeCursor<I> {
    pub(crate) created_at: Timestamp,
    pub(crate) id: I,
}

/// An id whose rows are listed by age.
pub(crate) trait Aged: Display + FromStr {
    /// Names the list.
    const LIST: &'static str;
}

impl Aged for DocumentId {
    const LIST: &'static str = DOCUMENTS;
}

impl Aged for SourceId {
    const LIST: &'static str = SOURCES;
}

impl<I: Aged> AgeCursor<I> {
    pub(crate) fn encode(&self) -> String {
        seal(I::LIST, self.created_at.as_millis(), &self.id)
    }

    pub(crate) fn decode(text: &str) -> Result<Self, StoreError> {
        let (created_at, id) = unseal(I::LIST, text).ok_or(StoreError::InvalidCursor)?;
        let created_at = Timestamp::from_millis(created_at);
        Ok(Self { created_at, id })
    }
}

/// A position in a source's items: after the one of this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemCursor {
    pub(crate) source_id: SourceId,
    pub(crate) key: String,
}

impl ItemCursor {
    pub(crate) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{ITEMS}:{}:{}", self.source_id, self.key))
    }

    /// Refuses a cursor that belongs to another source's items.
    pub(crate) fn decode(text: &str, source_id: SourceId) -> Result<Self, StoreError> {
        let plain = unwrap_text(text).ok_or(StoreError::InvalidCursor)?;
        plain
            .strip_prefix(&format!("{ITEMS}:{source_id}:"))
            .map(|key| Self {
                source_id,
                key: key.to_owned(),
            })
            .ok_or(StoreError::InvalidCursor)
    }
}

fn seal(list: &str, number: i64, id: impl Display) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}:{number}:{id}"))
}

fn unseal<I: Display + FromStr>(list: &str, text: &str) -> Option<(i64, I)> {
    let plain = unwrap_text(text)?;
    let (number, id) = plain
        .strip_prefix(list)?
        .strip_prefix(':')?
        .split_once(':')?;
    let (number, id) = (number.parse().ok()?, id.parse().ok()?);
    // One position has one cursor: "+7", "07" and upper case are not ours.
    (seal(list, number, &id) == text).then_some((number, id))
}

fn unwrap_text(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn arbitrary_text_is_refused(text in ".{0,200}") {
            prop_assert!(ConversationCursor::decode(&text).is_err());
            prop_assert!(MessageCursor::decode(&text, ConversationId::new()).is_err());
            prop_assert!(AgeCursor::<DocumentId>::decode(&text).is_err());
            prop_assert!(ItemCursor::decode(&text, SourceId::new()).is_err());
        }

        #[test]
        fn arbitrary_bytes_in_base64_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let text = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert!(ConversationCursor::decode(&text).is_err());
            prop_assert!(MessageCursor::decode(&text, ConversationId::new()).is_err());
            prop_assert!(AgeCursor::<DocumentId>::decode(&text).is_err());
            prop_assert!(ItemCursor::decode(&text, SourceId::new()).is_err());
        }

        #[test]
        fn a_cursor_comes_back(number in any::<i64>()) {
            let id = ConversationId::new();
            let cursor = MessageCursor { conversation_id: id, place: number };
            prop_assert_eq!(MessageCursor::decode(&cursor.encode(), id).unwrap(), cursor);
            let cursor = ConversationCursor { updated_at: Timestamp::from_millis(number), id };
            prop_assert_eq!(ConversationCursor::decode(&cursor.encode()).unwrap(), cursor);
            let cursor = AgeCursor { created_at: Timestamp::from_millis(number), id: DocumentId::new() };
            prop_assert_eq!(AgeCursor::decode(&cursor.encode()).unwrap(), cursor);
        }

        #[test]
        fn a_cursor_of_items_comes_back_for_its_source_alone(key in ".{0,40}") {
            let cursor = ItemCursor { source_id: SourceId::new(), key };
            prop_assert_eq!(ItemCursor::decode(&cursor.encode(), cursor.source_id).unwrap(), cursor.clone());
            prop_assert!(ItemCursor::decode(&cursor.encode(), SourceId::new()).is_err());
        }

        #[test]
        fn a_changed_cursor_is_refused_or_another_position(number in any::<i64>(), at in 0_usize..60, to in any::<char>()) {
            let id = ConversationId::new();
            let cursor = MessageCursor { conversation_id: id, place: number };
            let sealed = cursor.encode();
            let changed: String = sealed.chars().enumerate().map(|(i, c)| if i == at { to } else { c }).collect();
            if changed != sealed && let Ok(other) = MessageCursor::decode(&changed, id) {
                prop_assert_ne!(other, cursor);
            }
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let (id, other) = (ConversationId::new(), ConversationId::new());
        let messages = MessageCursor {
            conversation_id: id,
            place: 7,
        }
        .encode();
        let conversations = ConversationCursor {
            updated_at: Timestamp::from_millis(7),
            id,
        }
        .encode();
        assert!(MessageCursor::decode(&messages, other).is_err());
        assert!(MessageCursor::decode(&conversations, id).is_err());
        assert!(ConversationCursor::decode(&messages).is_err());
        assert!(AgeCursor::<SourceId>::decode(&messages).is_err());
        assert!(AgeCursor::<DocumentId>::decode(&conversations).is_err());
    }
}
