import { AwsClient } from 'aws4fetch'
import { type Blobs, checkBlobKey, isBlobKey, type StoredBlob } from './blobs.ts'

export interface S3Settings {
  /** The address of the bucket, path style: https://host/bucket */
  readonly url: string
  readonly keyId: string
  readonly secret: string
  readonly region: string
}

const withinMs = 20_000

/** A bucket of an S3-compatible store (MinIO, Ceph, OSS, COS). Errors carry the status, never an address with a key in it. */
export function s3Blobs({ url, keyId, secret, region }: S3Settings): Blobs {
  const client = new AwsClient({ accessKeyId: keyId, secretAccessKey: secret, region, service: 's3', retries: 2 })
  const bucket = url.replace(/\/$/, '')
  const call = (method: 'PUT' | 'GET' | 'DELETE', key: string, body?: Uint8Array): Promise<Response> =>
    fetched(method, `${bucket}/${checkBlobKey(key)}`, body)
  const fetched = async (method: string, address: string, body?: Uint8Array): Promise<Response> => {
    const signal = AbortSignal.timeout(withinMs)
    const response = await client.fetch(address, { method, signal, ...(body ? { body: Buffer.from(body) } : {}) })
    if (!response.ok && response.status !== 404) {
      await response.body?.cancel()
      throw new Error(`the object store answered ${response.status} to ${method}`)
    }
    return response
  }
  const remove = async (key: string) => {
    await call('DELETE', key)
  }
  async function* list(): AsyncIterable<StoredBlob> {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const response = await fetched('GET', `${bucket}?list-type=2&start-after=${encodeURIComponent(after)}`)
      if (response.status === 404) throw new Error('the object store has no such bucket')
      const page = await response.text()
      let last: string | undefined
      for (const [entry] of page.matchAll(/<Contents>[\s\S]*?<\/Contents>/g)) {
        const key = textOf(entry, 'Key')
        last = key
        if (isBlobKey(key)) yield { key, writtenAt: new Date(textOf(entry, 'LastModified')), remove: () => remove(key) }
      }
      after = textOf(page, 'IsTruncated') === 'true' ? last : undefined
    }
  }
  return {
    put: async (key, data) => {
      const { status } = await call('PUT', key, data)
      if (status === 404) throw new Error('the object store has no such bucket')
    },
    get: async (key) => {
      const response = await call('GET', key)
      if (response.status === 404) return undefined
      return new Uint8Array(await response.arrayBuffer())
    },
    remove,
    list,
  }
}

/** Names of ours need no unescaping; what is not one of ours is passed over. */
const textOf = (xml: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
