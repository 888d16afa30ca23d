export function LibraryView() {
  return <p class="panel">Soon</p>;
}
