export function ReferenceView() {
  return <p class="panel">Soon</p>;
}
