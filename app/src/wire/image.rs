//! Images in requests.

use base64::{Engine, prelude::BASE64_STANDARD};
use tidewire_domain::Image;

use crate::http::problem::Problem;

/// Fetching a URL that somebody sends would let them reach what only we can.
pub(crate) fn data_url_image(url: &str) -> Result<Image, Problem> {
    let wrong = || {
        Problem::invalid(
            "An image must come as a data URL, such as data:image/png;base64,…; other URLs are not fetched.",
        )
    };
    let rest = url.strip_prefix("data:").ok_or_else(wrong)?;
    let (media_type, data) = rest.split_once(";base64,").ok_or_else(wrong)?;
    check_image(Image {
        media_type: media_type.to_ascii_lowercase(),
        data_base64: data.to_owned(),
    })
}

/// The image, if it is of a kind that models take and its base64 is whole.
pub(crate) fn check_image(image: Image) -> Result<Image, Problem> {
    if !matches!(
        image.media_type.as_str(),
        "image/png" | "image/jpeg" | "image/gif" | "image/webp"
    ) {
        return Err(Problem::invalid(format!(
            "An image of type {:?} cannot be used: expected image/png, image/jpeg, image/gif or image/webp.",
            image.media_type
        )));
    }
    match BASE64_STANDARD.decode(&image.data_base64) {
        Ok(bytes) if !bytes.is_empty() => Ok(image),
        _ => Err(Problem::invalid("An image's data is not standard base64.")),
    }
}
