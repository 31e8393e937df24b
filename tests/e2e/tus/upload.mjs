// Upload one file with the official client: node upload.mjs ENDPOINT FILE KEY. Prints one line of JSON.
import fs from 'node:fs'
import path from 'node:path'
import * as tus from 'tus-js-client'

const [endpoint, file, key] = process.argv.slice(2)
let retries = 0
const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint,
  headers: { Authorization: `Bearer ${key}` },
  metadata: { filename: path.basename(file), filetype: 'text/csv', auto: 'false' },
  retryDelays: Array(60).fill(0).map((_, n) => Math.min(20 * 2 ** n, 1000)),
  onBeforeRequest: (request) => {
    if (request.getMethod() === 'HEAD') retries += 1
  },
  onError: (error) => {
    console.error(String(error))
    process.exit(1)
  },
  onSuccess: () => {
    console.log(JSON.stringify({ url: upload.url, retries }))
  },
})
upload.start()
