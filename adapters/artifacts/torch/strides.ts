/** How a tensor lies in its storage. Everything is counted in elements. */
export interface TensorLayout {
  readonly elements: number;
  /** Elements from the first to the last that it touches, both included; 0 where it has none. */
  readonly span: number;
  /** Elements of the longest run, at the end of its shape, that lie in the storage one after another. */
  readonly run: number;
  /** Sizes and strides in front of that run. */
  readonly outer: readonly { readonly size: number; readonly stride: number }[];
}

/** The layout of a shape with strides, or null where a number leaves the exact integers. */
export function layoutOf(shape: readonly number[], strides: readonly number[]): TensorLayout | null {
  if (shape.includes(0)) return { elements: 0, span: 0, run: 0, outer: [] };
  let elements = 1;
  let last = 0;
  for (const [axis, size] of shape.entries()) {
    elements *= size;
    last += (size - 1) * (strides[axis] ?? 0);
    if (!Number.isSafeInteger(elements) || !Number.isSafeInteger(last)) return null;
  }
  // Axes of one element lie anywhere: torch leaves any stride in them.
  const axes = shape.map((size, axis) => ({ size, stride: strides[axis] ?? 0 })).filter(({ size }) => size > 1);
  let run = 1;
  while (axes.at(-1)?.stride === run) run *= axes.pop()?.size ?? 1;
  return { elements, span: last + 1, run, outer: axes };
}

/** Where each run begins, as offsets from the tensor's first element, in the order of the shape. */
export function* runStarts(outer: TensorLayout['outer']): Generator<number> {
  const at = outer.map(() => 0);
  let offset = 0;
  for (;;) {
    yield offset;
    let axis = outer.length - 1;
    for (; axis >= 0; axis -= 1) {
      const { size, stride } = outer[axis] ?? { size: 1, stride: 0 };
      const index = (at[axis] ?? 0) + 1;
      offset += stride;
      at[axis] = index;
      if (index < size) break;
      offset -= size * stride;
      at[axis] = 0;
    }
    if (axis < 0) return;
  }
}
