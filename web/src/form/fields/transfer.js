/** Send one file at once, photos made smaller first, with progress. */
import { csrf, Refusal } from '../../shared/api.js';

const LONGEST_SIDE = 1600;
const QUALITY = 0.85;
const SHRINKABLE = ['image/jpeg', 'image/png', 'image/webp'];
const SMALL = 400_000;

/**
 * @param {File} file
 * @param {string} url
 * @param {(percent: number) => void} onProgress
 * @returns {Promise<{ id: string, name: string }>} the stored file
 * @throws {Refusal}
 */
export async function send(file, url, onProgress) {
  const body = new FormData();
  body.append('file', await shrink(file), file.name);
  const answer = await post(url, body, onProgress);
  return { id: String(answer.id), name: answer.name ?? file.name };
}

/**
 * @param {File} file
 * @returns {Promise<Blob>} the file itself unless it is a photo larger than needed
 */
export async function shrink(file) {
  if (!SHRINKABLE.includes(file.type)) return file;
  // A picture that the browser can't decode goes as it is: the server checks the content.
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (!picture) return file;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  if (scale === 1 && file.size <= SMALL) return file;
  const smaller = await draw(picture, scale);
  return smaller && smaller.size < file.size ? smaller : file;
}

/**
 * @param {ImageBitmap} picture
 * @param {number} scale
 * @returns {Promise<Blob | null>}
 */
function draw(picture, scale) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, 'image/jpeg', QUALITY);
  });
}

/**
 * XMLHttpRequest, because `fetch` tells nothing about how much has been sent.
 * @param {string} url
 * @param {FormData} body
 * @param {(percent: number) => void} onProgress
 * @returns {Promise<any>}
 */
function post(url, body, onProgress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open('POST', url);
    sending.responseType = 'json';
    for (const [name, value] of Object.entries({ Accept: 'application/json', ...csrf() }))
      sending.setRequestHeader(name, value);
    sending.upload.onprogress = ({ loaded, total }) => onProgress(Math.round((loaded / total) * 100));
    sending.onerror = () => reject(new Refusal(0, {}));
    sending.onload = () => {
      const ok = sending.status >= 200 && sending.status < 300 && sending.response?.id !== undefined;
      if (ok) resolve(sending.response);
      else reject(new Refusal(sending.status, sending.response ?? {}));
    };
    sending.send(body);
  });
}
