export function UploadsPage() { return null; }
