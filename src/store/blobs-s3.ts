import { AwsClient } from 'aws4fetch'
import { type Blobs, checkBlobKey } from './blobs.ts'

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
  const call = async (method: 'PUT' | 'GET' | 'DELETE', key: string, body?: Uint8Array): Promise<Response> => {
    const address = `${url.replace(/\/$/, '')}/${checkBlobKey(key)}`
    const signal = AbortSignal.timeout(withinMs)
    const response = await client.fetch(address, { method, signal, ...(body ? { body: Buffer.from(body) } : {}) })
    if (!response.ok && response.status !== 404) {
      await response.body?.cancel()
      throw new Error(`the object store answered ${response.status} to ${method}`)
    }
    return response
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
    remove: async (key) => {
      await call('DELETE', key)
    },
  }
}
