export function BatchView() {
  return <p class="panel">Soon</p>;
}
