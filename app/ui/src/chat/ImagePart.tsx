const MEDIA_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** An image that is part of a message itself, and so loads from nowhere. */
export function ImagePart({ mediaType, data }: { mediaType: string; data: string }) {
  if (!MEDIA_TYPES.has(mediaType)) return <p className="muted">An image of type {mediaType} is not shown.</p>;
  return <img className="image-part" src={`data:${mediaType};base64,${data}`} alt="Attached to this message" />;
}
