/** The map of the library, with query and hits on it. */
export function LibraryMap() {
  return <p class="panel">No map</p>;
}
