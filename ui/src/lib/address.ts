/** The parts of an address, after each of which a line may break. Any other text is one part. */
export function addressParts(text: string): string[] {
  return text.includes('://') ? (text.match(/[^/?&]*[/?&]+|[^/?&]+/g) ?? [text]) : [text];
}
