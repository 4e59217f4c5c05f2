/** A marker with its parameters, as it stands in the file; after a start of scan the entropy-coded data follow. */
interface Segment {
  readonly marker: number;
  readonly bytes: Uint8Array;
}

const startOfScan = 0xda;
const endOfImage = 0xd9;

/** Markers that stand alone: TEM, RST0 to RST7. */
const isParameterless = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/** Whether a marker starts at `at`: 0xff, and neither a stuffed zero nor a fill byte after it. */
const startsMarker = (file: Uint8Array, at: number): boolean =>
  file[at] === 0xff && file[at + 1] !== 0x00 && file[at + 1] !== 0xff;

/** Where entropy-coded data that start at `at` end: at the next marker that is no restart. */
function endOfScan(file: Uint8Array, at: number): number {
  let end = at;
  while (end < file.length && (!startsMarker(file, end) || isParameterless(file[end + 1] ?? endOfImage)))
    end++;
  return end;
}

/** The segments after the start of image; bytes between two of them belong to none. */
function segmentsOf(file: Uint8Array): readonly Segment[] {
  const segments: Segment[] = [];
  let at = 2;
  while (at + 1 < file.length) {
    const marker = file[at + 1];
    if (marker === undefined || !startsMarker(file, at)) {
      at++;
      continue;
    }
    if (marker === endOfImage) return [...segments, { marker, bytes: file.subarray(at) }];
    const parameters = isParameterless(marker) ? 0 : ((file[at + 2] ?? 0) << 8) | (file[at + 3] ?? 0);
    const past = at + 2 + parameters;
    const end = marker === startOfScan ? endOfScan(file, past) : past;
    segments.push({ marker, bytes: file.slice(at, end) });
    at = end;
  }
  return segments;
}

const hasText = ({ bytes }: Segment, text: string): boolean =>
  Buffer.from(bytes.subarray(4, 4 + text.length)).toString("latin1") === text;

/** Frames without progression: baseline, and extended with Huffman or arithmetic coding. */
const sequentialFrames: readonly number[] = [0xc0, 0xc1, 0xc9];
const isFrame = ({ marker }: Segment): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

interface Frame {
  readonly sequential: boolean;
  readonly components: number;
}

/** Sets parameters of segments that a decoder does not use, or for which it takes a default, to their regular values. */
const repairs: readonly ((segment: Segment, frame: Frame) => void)[] = [
  // A sequential scan has spectral selection 0 to 63 and no successive approximation (ITU-T T.81, B.2.3).
  ({ marker, bytes }, { sequential }) => {
    if (marker === startOfScan && sequential) bytes.set([0, 63, 0], 5 + 2 * (bytes[4] ?? 0));
  },
  // JFIF 1.02 is the last version.
  (segment) => {
    if (segment.marker === 0xe0 && hasText(segment, "JFIF\0")) segment.bytes.set([1, 2], 9);
  },
  // Adobe's color transform: 1 is YCbCr, 2 is YCCK; libjpeg takes these for a code that it does not know.
  (segment, { components }) => {
    if (segment.marker !== 0xee || !hasText(segment, "Adobe") || segment.bytes.length < 16) return;
    const transform = components === 4 ? 2 : 1;
    if (segment.bytes[15] !== 0) segment.bytes[15] = transform;
  },
];

/**
 * The same picture with regular headers. Phones and cameras write parameters that contradict the specification where no
 * decoder looks at them, and bytes between segments; libjpeg warns and continues, so viewers and Pillow show the photograph.
 * Entropy-coded data stay as they are: where these are damaged, libjpeg still warns.
 */
export function withRegularHeaders(file: Uint8Array): Uint8Array {
  const segments = segmentsOf(file);
  const frameSegment = segments.find(isFrame);
  if (frameSegment === undefined) return file;
  const frame = {
    sequential: sequentialFrames.includes(frameSegment.marker),
    components: frameSegment.bytes[9] ?? 0,
  };
  for (const segment of segments) for (const repair of repairs) repair(segment, frame);
  return Buffer.concat([file.subarray(0, 2), ...segments.map(({ bytes }) => bytes)]);
}
