// The list of files on their way. It lives outside any page, so that moving around in Studio stops nothing.
import { useSyncExternalStore } from "react";
import { isOnItsWay, type QueueItem } from "./model";

let items: readonly QueueItem[] = [];
const listeners = new Set<() => void>();

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function publish(next: readonly QueueItem[]): void {
  items = next;
  // Only while something would be interrupted: the listener alone keeps a page out of the back-forward cache.
  if (items.some(isOnItsWay)) window.addEventListener("beforeunload", warn);
  else window.removeEventListener("beforeunload", warn);
  for (const listener of listeners) listener();
}

export function current(): readonly QueueItem[] {
  return items;
}

export function find(id: string): QueueItem | undefined {
  return items.find((item) => item.id === id);
}

export function put(item: QueueItem): void {
  publish([...items, item]);
}

export function change(id: string, facts: Partial<QueueItem>): void {
  publish(items.map((item) => (item.id === id ? { ...item, ...facts } : item)));
}

export function remove(id: string): void {
  publish(items.filter((item) => item.id !== id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useQueue(): readonly QueueItem[] {
  return useSyncExternalStore(subscribe, current);
}
