/** What is in the data directory or the database cannot be used as it is; a person must look. Nothing was changed. */
export class StoreRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreRefused';
  }
}
