//! Making an image fit to be kept: read within bounds, turned as the camera had it, encoded anew so that nothing but the picture is left (no EXIF, no position),
//! and a small blurred one beside it.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// Largest file that is taken, in bytes.
pub const MOST_BYTES: usize = 12 << 20;
/// Longest side that is decoded, in pixels.
const MOST_SIDE: u32 = 12_000;
/// Most pixels.
const MOST_PIXELS: u64 = 64_000_000;
/// Most memory that decoding may take, in bytes: about 64 megapixels.
const MOST_MEMORY: u64 = 256 << 20;
/// Longest side that is kept, in pixels: a centimetre scale stays readable.
const KEPT_SIDE: u32 = 4_000;
/// Pixels that are left of the longer side before it is blown up again: nothing can be made out.
const BLURRED_SIDE: u32 = 12;
/// Longer side of the blurred image, in pixels.
const BLURRED_SHOWN: u32 = 240;

/// An image as it is kept.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// JPEG.
    pub content: Vec<u8>,
    /// JPEG in which nothing can be made out.
    pub blurred: Vec<u8>,
    /// SHA-256 of `content`.
    pub sha256: [u8; 32],
}

/// Why a file is no image that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Too many bytes.
    #[error("the file is larger than 12 MiB; make the image smaller")]
    TooLarge,
    /// Neither JPEG nor PNG.
    #[error("the file is neither a JPEG nor a PNG image")]
    Format,
    /// Sides or memory beyond the bounds.
    #[error("the image is larger than 12000 pixels on a side or 64 megapixels; make it smaller")]
    Pixels,
    /// Cut off or damaged.
    #[error("the image cannot be read: it is cut off or damaged")]
    Unreadable,
}

fn jpeg(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    image.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).map_err(|_| PictureError::Unreadable)?;
    Ok(bytes)
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let error = |e: image::ImageError| if matches!(e, image::ImageError::Limits(_)) { PictureError::Pixels } else { PictureError::Unreadable };
    let format = image::guess_format(bytes).map_err(|_| PictureError::Format)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png) {
        return Err(PictureError::Format);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(error)?;
    // Before a byte is decoded: what the header says is what decoding will take.
    let (width, height) = decoder.dimensions();
    if width > MOST_SIDE || height > MOST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(PictureError::Pixels);
    }
    let orientation = decoder.orientation().map_err(error)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(error)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Reads a JPEG or PNG file and makes it fit to be kept. Cost: the image's pixels a few times over; call it where blocking is allowed.
///
/// # Errors
/// [`PictureError`].
pub fn prepare(bytes: &[u8]) -> Result<Picture, PictureError> {
    if bytes.len() > MOST_BYTES {
        return Err(PictureError::TooLarge);
    }
    let mut image = decode(bytes)?;
    if image.width().max(image.height()) > KEPT_SIDE {
        // A box of whole numbers: `resize` would hold the picture in floating point, sixteen bytes a pixel.
        image = image.thumbnail(KEPT_SIDE, KEPT_SIDE);
    }
    let specks = image.thumbnail(BLURRED_SIDE, BLURRED_SIDE);
    let content = jpeg(&image, 90)?;
    Ok(Picture {
        width: image.width(),
        height: image.height(),
        blurred: jpeg(&specks.resize(BLURRED_SHOWN, BLURRED_SHOWN, FilterType::CatmullRom), 60)?,
        sha256: Sha256::digest(&content).into(),
        content,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use image::{GenericImageView, Rgb, RgbImage};

    /// A picture with a secret in its metadata: an EXIF segment that turns it by a quarter and names a place.
    fn photograph(width: u32, height: u32) -> Vec<u8> {
        let image = RgbImage::from_fn(width, height, |x, y| if (x / 8 + y / 8) % 2 == 0 { Rgb([250, 250, 250]) } else { Rgb([5, 5, 5]) });
        let plain = jpeg(&DynamicImage::ImageRgb8(image), 90).unwrap();
        let mut tiff = b"Exif\0\0II*\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x0e\x01\x02\0\x0a\0\0\0\x26\0\0\0\0\0\0\0".to_vec();
        tiff.extend_from_slice(b"GPS 17,91\0");
        let mut bytes = plain[..2].to_vec();
        bytes.extend_from_slice(&[0xFF, 0xE1]);
        bytes.extend_from_slice(&u16::try_from(tiff.len() + 2).unwrap().to_be_bytes());
        bytes.extend_from_slice(&tiff);
        bytes.extend_from_slice(&plain[2..]);
        bytes
    }

    fn holds(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|w| w == text)
    }

    #[test]
    fn nothing_but_the_picture_is_kept_and_it_stands_as_the_camera_was_held() {
        let taken = photograph(320, 200);
        assert!(holds(&taken, b"GPS 17,91"));
        let kept = prepare(&taken).unwrap();
        for bytes in [&kept.content, &kept.blurred] {
            assert!(!holds(bytes, b"GPS") && !holds(bytes, b"Exif"));
        }
        assert_eq!((kept.width, kept.height), (200, 320), "turned by a quarter");
        assert_eq!(kept.sha256, <[u8; 32]>::from(Sha256::digest(&kept.content)));
    }

    #[test]
    fn in_the_blurred_one_nothing_can_be_made_out() {
        let kept = prepare(&photograph(320, 320)).unwrap();
        let blurred = image::load_from_memory(&kept.blurred).unwrap();
        assert_eq!(blurred.width().max(blurred.height()), BLURRED_SHOWN);
        let lightness: Vec<u8> = blurred.to_luma8().into_raw();
        let (least, most) = (lightness.iter().min().unwrap(), lightness.iter().max().unwrap());
        assert!(most - least < 90, "a board of black and white has become grey: {least} to {most}");
        assert!(kept.blurred.len() < 20_000);
    }

    #[test]
    fn a_small_file_that_would_unfold_into_gigabytes_is_refused_before_it_does() {
        // A PNG header that claims 60000 by 60000 pixels.
        let mut png = Vec::new();
        DynamicImage::ImageRgb8(RgbImage::new(1, 1)).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        png[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        png[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        let mut checked = png[12..29].to_vec();
        let crc = crc(&checked);
        checked.clear();
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(prepare(&png).unwrap_err(), PictureError::Pixels);
    }

    /// The check sum of a PNG chunk (ISO 3309).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes
            .iter()
            .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 }))
    }

    #[test]
    fn what_is_no_image_is_refused_by_its_fault() {
        assert_eq!(prepare(b"<svg onload='x'/>").unwrap_err(), PictureError::Format);
        assert_eq!(prepare(b"GIF89a\x01\0\x01\0").unwrap_err(), PictureError::Format);
        assert_eq!(prepare(&photograph(64, 64)[..300]).unwrap_err(), PictureError::Unreadable);
        assert_eq!(prepare(&vec![0; MOST_BYTES + 1]).unwrap_err(), PictureError::TooLarge);
        assert!(DynamicImage::ImageRgb8(RgbImage::new(2, 2)).view(0, 0, 1, 1).dimensions() == (1, 1));
    }
}
