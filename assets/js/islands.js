// Hoàng Sa and Trường Sa are on every map we draw: some islands of each as points, and the names.
const point = (long, lat, properties) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: [long, lat] } });

export const ARCHIPELAGOS = [
  { name: "Quần đảo Hoàng Sa", short: "QĐ. Hoàng Sa", long: 111.6, lat: 16.5 },
  { name: "Quần đảo Trường Sa", short: "QĐ. Trường Sa", long: 114.0, lat: 10.0 },
];

const ISLANDS = [
  ["Hoàng Sa", 111.61, 16.53],
  ["Phú Lâm", 112.34, 16.83],
  ["Tri Tôn", 111.2, 15.78],
  ["Linh Côn", 112.73, 16.67],
  ["Quang Ảnh", 111.51, 16.45],
  ["Bông Bay", 112.51, 16.05],
  ["Song Tử Tây", 114.33, 11.43],
  ["Thị Tứ", 114.28, 11.05],
  ["Sơn Ca", 114.48, 10.38],
  ["Nam Yết", 114.36, 10.18],
  ["Sinh Tồn", 114.33, 9.89],
  ["Phan Vinh", 113.69, 8.97],
  ["Trường Sa", 111.92, 8.64],
  ["An Bang", 112.92, 7.89],
];

export const islands = {
  type: "FeatureCollection",
  features: [
    ...ISLANDS.map(([name, long, lat]) => point(long, lat, { kind: "island", name })),
    ...ARCHIPELAGOS.map(({ name, long, lat }) => point(long, lat, { kind: "archipelago", name: `${name}\n(Việt Nam)` })),
  ],
};
